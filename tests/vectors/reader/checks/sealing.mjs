// What a writer makes of a plaintext, for the checks.
import { createCipheriv } from "node:crypto";
import { concat } from "../bytes.mjs";

/** Plaintext byte i is i modulo 251. */
export const plaintext = (size, start = 0) => Uint8Array.from({ length: size }, (_, place) => (start + place) % 251);

export function sealChunk(key, number, last, plain) {
  const nonce = new Uint8Array(12);
  new DataView(nonce.buffer).setUint32(7, number);
  nonce[11] = last ? 1 : 0;
  const cipher = createCipheriv("chacha20-poly1305", key, nonce, { authTagLength: 16 });
  return concat(Buffer.concat([cipher.update(plain), cipher.final()]), cipher.getAuthTag());
}

/** The chunks [number, marked as the last, first byte, bytes], and what stands behind them. */
export function sealChunks(key, chunks, behind = new Uint8Array(), flip = null) {
  const body = concat(...chunks.map(([number, last, start, size]) => sealChunk(key, number, last, plaintext(size, start))), behind);
  if (flip !== null) body[flip] ^= 1;
  return body;
}
