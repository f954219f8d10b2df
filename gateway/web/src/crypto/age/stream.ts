/** STREAM (age v1, "Payload"): chunks of 64 KiB, each under its number and a mark on the last one. */
import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import type { Bytes } from "../bytes.ts";
import { refuse } from "../refusal.ts";
import { CHUNK_SIZE, SEALED_SIZE, TAG_SIZE, bodySize, plainSize } from "./sizes.ts";

/** Eleven bytes of number, big-endian, and the mark of the last chunk. */
export function nonceOf(number: number, last: boolean): Bytes {
  const nonce = new Uint8Array(12);
  const view = new DataView(nonce.buffer);
  view.setUint32(3, Math.floor(number / 2 ** 32));
  view.setUint32(7, number % 2 ** 32);
  nonce[11] = last ? 1 : 0;
  return nonce;
}

/** Opens single chunks under one key. */
export interface Opener {
  /** Writes the chunk's plaintext to the start of `out`; refuses a forged one as `document_damaged`. */
  open(number: number, last: boolean, sealed: Bytes, out: Bytes): Promise<void> | void;
}

/** The engine's own cipher where it has one (several times faster), else noble's. */
export async function opener(key: Bytes): Promise<Opener> {
  return (await engineOpener(key)) ?? nobleOpener(key);
}

export async function engineOpener(key: Bytes): Promise<Opener | null> {
  const name = "ChaCha20-Poly1305";
  let imported: CryptoKey;
  try {
    imported = await crypto.subtle.importKey("raw-secret" as "raw", key, name, false, ["decrypt"]);
  } catch {
    return null;
  }
  return {
    async open(number, last, sealed, out) {
      let plain: ArrayBuffer;
      try {
        plain = await crypto.subtle.decrypt({ name, iv: nonceOf(number, last) }, imported, sealed);
      } catch {
        return damaged("a chunk is forged, missing or not its own");
      }
      out.set(new Uint8Array(plain));
    },
  };
}

export const nobleOpener = (key: Bytes): Opener => ({
  open(number, last, sealed, out) {
    try {
      chacha20poly1305(key, nonceOf(number, last)).decrypt(sealed, out.subarray(0, sealed.length - TAG_SIZE));
    } catch {
      damaged("a chunk is forged, missing or not its own");
    }
  },
});

/** Opens a body of known size, piece by piece, with flat memory. */
export class OpenStream {
  private readonly opener: Opener;
  private readonly chunks: number;
  private readonly lastSize: number;
  private readonly pending: Bytes = new Uint8Array(SEALED_SIZE);
  private held = 0;
  private number: number;

  /** `from` is the number of the first chunk that will come. */
  constructor(opener: Opener, size: number, from = 0) {
    plainSize(size);
    this.opener = opener;
    this.chunks = Math.ceil(size / SEALED_SIZE);
    this.lastSize = size - (this.chunks - 1) * SEALED_SIZE;
    this.number = from;
  }

  /** Takes the next bytes of the body; returns how many bytes of plaintext stand at the start of `out`. */
  async update(piece: Bytes, out: Bytes): Promise<number> {
    let at = 0, written = 0;
    while (at < piece.length) {
      const wanted = this.number === this.chunks - 1 ? this.lastSize : SEALED_SIZE;
      if (this.ended) return damaged("something follows the last chunk");
      let sealed: Bytes;
      if (this.held === 0 && piece.length - at >= wanted) {
        sealed = piece.subarray(at, at + wanted);
        at += wanted;
      } else {
        const taken = Math.min(wanted - this.held, piece.length - at);
        this.pending.set(piece.subarray(at, at + taken), this.held);
        at += taken;
        this.held += taken;
        if (this.held < wanted) break;
        sealed = this.pending.subarray(0, wanted);
        this.held = 0;
      }
      await this.opener.open(this.number, this.number === this.chunks - 1, sealed, out.subarray(written));
      written += wanted - TAG_SIZE;
      this.number += 1;
    }
    return written;
  }

  /** Whether the last chunk was opened. */
  get ended(): boolean {
    return this.number === this.chunks;
  }
}

/** What a writer makes of a plaintext; for tests of readers, and for those who deposit. */
export function seal(key: Uint8Array, plain: Uint8Array): Bytes {
  const count = Math.max(1, Math.ceil(plain.length / CHUNK_SIZE));
  const body = new Uint8Array(bodySize(plain.length));
  for (let number = 0; number < count; number += 1) {
    const chunk = plain.subarray(number * CHUNK_SIZE, (number + 1) * CHUNK_SIZE);
    body.set(chacha20poly1305(key, nonceOf(number, number === count - 1)).encrypt(chunk), number * SEALED_SIZE);
  }
  return body;
}

function damaged(why: string): never {
  return refuse(why, "document_damaged");
}
