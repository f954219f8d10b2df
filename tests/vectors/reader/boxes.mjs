// FORMAT.md, Basics: HKDF and the box. XChaCha20-Poly1305 is HChaCha20, then ChaCha20-Poly1305 (RFC 8439).
import { createDecipheriv, createHmac } from "node:crypto";
import { concat, refuse, utf8 } from "./bytes.mjs";

const hmac = (key, data) => Uint8Array.from(createHmac("sha256", key).update(data).digest());

export const hkdf = (ikm, label) => hmac(hmac(new Uint8Array(32), ikm), concat(utf8(label), Uint8Array.of(1)));

const rotate = (word, count) => (word << count) | (word >>> (32 - count));

function quarter(s, a, b, c, d) {
  for (const [left, right] of [[16, 12], [8, 7]]) {
    s[a] = (s[a] + s[b]) | 0;
    s[d] = rotate(s[d] ^ s[a], left);
    s[c] = (s[c] + s[d]) | 0;
    s[b] = rotate(s[b] ^ s[c], right);
  }
}

/** The 32-byte key that a key and the first 16 bytes of a nonce give. */
function hchacha20(key, nonce) {
  const bytes = concat(utf8("expand 32-byte k"), key, nonce);
  const view = new DataView(bytes.buffer);
  const s = Int32Array.from({ length: 16 }, (_, word) => view.getInt32(4 * word, true));
  for (let round = 0; round < 10; round += 1) {
    for (const [a, b, c, d] of [[0, 4, 8, 12], [1, 5, 9, 13], [2, 6, 10, 14], [3, 7, 11, 15]]) quarter(s, a, b, c, d);
    for (const [a, b, c, d] of [[0, 5, 10, 15], [1, 6, 11, 12], [2, 7, 8, 13], [3, 4, 9, 14]]) quarter(s, a, b, c, d);
  }
  const out = new DataView(new ArrayBuffer(32));
  [0, 1, 2, 3, 12, 13, 14, 15].forEach((word, place) => out.setInt32(4 * place, s[word], true));
  return new Uint8Array(out.buffer);
}

export function unbox(key, aad, sealed) {
  if (sealed.length < 41 || sealed[0] !== 1) refuse("not a box of this version", "box_invalid");
  const nonce = sealed.subarray(1, 25);
  const inner = hchacha20(key, nonce.subarray(0, 16));
  const counted = concat(new Uint8Array(4), nonce.subarray(16));
  const cipher = createDecipheriv("chacha20-poly1305", inner, counted, { authTagLength: 16 });
  const ciphertext = sealed.subarray(25, sealed.length - 16);
  cipher.setAuthTag(sealed.subarray(sealed.length - 16));
  cipher.setAAD(aad, { plaintextLength: ciphertext.length });
  try {
    return Uint8Array.from(Buffer.concat([cipher.update(ciphertext), cipher.final()]));
  } catch {
    return refuse("damaged, or for another key or place", "box_invalid");
  }
}
