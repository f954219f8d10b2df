/** What a writer makes, for the tests of readers. */
import { createPrivateKey, createPublicKey } from "node:crypto";
import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { nonceOf } from "../../src/crypto/age/stream.ts";
import { type Bytes, concat, fromHex } from "../../src/crypto/bytes.ts";

/** Byte i is i modulo 251. */
export const plaintext = (size: number, start = 0): Bytes => Uint8Array.from({ length: size }, (_, place) => (start + place) % 251);

/** A chunk: its number, whether it is marked as the last, its plaintext's first byte and size. */
export type Chunk = readonly [number, boolean, number, number];

/** The chunks, what stands behind them, and one bit flipped. */
export function sealChunks(key: Uint8Array, chunks: readonly Chunk[], behind: Uint8Array = new Uint8Array(), flip: number | null = null): Bytes {
  const sealed = chunks.map(([number, last, start, size]) => chacha20poly1305(key, nonceOf(number, last)).encrypt(plaintext(size, start)));
  const body = concat(...sealed, behind);
  if (flip !== null) body[flip] = (body[flip] ?? 0) ^ 1;
  return body;
}

/** The Ed25519 public key of a seed. */
export function publicKeyOf(seed: Uint8Array): Bytes {
  const key = Buffer.from(concat(fromHex("302e020100300506032b657004220420"), seed));
  const made = createPublicKey(createPrivateKey({ key, format: "der", type: "pkcs8" }));
  return Uint8Array.from(made.export({ format: "der", type: "spki" }).subarray(-32));
}
