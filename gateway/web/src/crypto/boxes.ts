/** One-block HKDF and the box (FORMAT.md, "Basics"). */
import { xchacha20poly1305 } from "@noble/ciphers/chacha.js";
import { type Bytes, concat, utf8 } from "./bytes.ts";
import { refuse } from "./refusal.ts";

const NONCE = 24, TAG = 16, VERSION = 1;

async function hmac(key: Uint8Array, data: Uint8Array): Promise<Bytes> {
  const imported = await crypto.subtle.importKey("raw", key as Bytes, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", imported, data as Bytes));
}

/** HKDF-SHA-256 with 32 bytes of output; the salt is empty unless given, the label is the info. */
export async function hkdf(ikm: Uint8Array, label: string, salt: Uint8Array = new Uint8Array(32)): Promise<Bytes> {
  return hmac(await hmac(salt, ikm), concat(utf8(label), Uint8Array.of(1)));
}

/** `0x01` ‖ nonce ‖ XChaCha20-Poly1305 of the plaintext, bound to `aad`. */
export function box(key: Uint8Array, aad: Uint8Array, plaintext: Uint8Array): Bytes {
  const nonce = crypto.getRandomValues(new Uint8Array(NONCE));
  return concat(Uint8Array.of(VERSION), nonce, xchacha20poly1305(key, nonce, aad).encrypt(plaintext));
}

/** The plaintext of a box; refused as `box_invalid` when key, place or a single bit differs. */
export function unbox(key: Uint8Array, aad: Uint8Array, sealed: Uint8Array): Bytes {
  if (sealed.length < 1 + NONCE + TAG || sealed[0] !== VERSION) refuse("not a box of this version", "box_invalid");
  try {
    return xchacha20poly1305(key, sealed.subarray(1, 1 + NONCE), aad).decrypt(sealed.subarray(1 + NONCE));
  } catch {
    return refuse("damaged, or made for another key or place", "box_invalid");
  }
}
