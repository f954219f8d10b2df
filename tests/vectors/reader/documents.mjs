// FORMAT.md, Documents: the key of a body, its commitment, its chunks (age's STREAM), its digest.
import { createDecipheriv, createHash, createHmac } from "node:crypto";
import { concat, refuse, utf8 } from "./bytes.mjs";
import { hkdf } from "./boxes.mjs";

const CHUNK = 65_536, TAG = 16, PIECE = 8_388_608;

export const sha256 = (bytes) => Uint8Array.from(createHash("sha256").update(bytes).digest());

/** HKDF-SHA-256 with the head's nonce as salt and `payload` as info. */
export function payloadKey(fileKey, nonce) {
  const extracted = createHmac("sha256", nonce).update(fileKey).digest();
  return Uint8Array.from(createHmac("sha256", extracted).update(concat(utf8("payload"), Uint8Array.of(1))).digest());
}

export const commitment = (fileKey) => hkdf(fileKey, "vault/v1/commitment");

/** The digest of a body by its segments, or of a plaintext by its pieces of the same size. */
export function digest(bytes) {
  const pieces = [];
  for (let at = 0; at < bytes.length; at += PIECE) pieces.push(sha256(bytes.subarray(at, at + PIECE)));
  return sha256(concat(...pieces));
}

/** The plaintext of a body; refused whole unless every chunk is there, in its place, and the last one is marked. */
export function openBody(key, body) {
  const count = Math.ceil(body.length / (CHUNK + TAG));
  const pieces = Array.from({ length: count }, (_, number) =>
    openChunk(key, number, number === count - 1, body.subarray(number * (CHUNK + TAG), (number + 1) * (CHUNK + TAG))));
  if (count === 0 || (count > 1 && pieces.at(-1).length === 0)) refuse("no last chunk", "damaged");
  return concat(...pieces);
}

/** The nonce is the chunk's number, 11 bytes, big-endian, and 1 for the last chunk. */
function openChunk(key, number, last, sealed) {
  if (sealed.length < TAG) refuse("a chunk is cut off", "damaged");
  const nonce = new Uint8Array(12);
  new DataView(nonce.buffer).setUint32(7, number);
  nonce[11] = last ? 1 : 0;
  const cipher = createDecipheriv("chacha20-poly1305", key, nonce, { authTagLength: TAG });
  cipher.setAuthTag(sealed.subarray(sealed.length - TAG));
  try {
    return Uint8Array.from(Buffer.concat([cipher.update(sealed.subarray(0, sealed.length - TAG)), cipher.final()]));
  } catch {
    return refuse("a chunk is damaged", "damaged");
  }
}
