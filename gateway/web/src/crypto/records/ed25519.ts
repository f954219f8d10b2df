/**
 * Ed25519 by libsodium's rules (FORMAT.md, "Basics").
 *
 * The engines differ in what they accept; WebCrypto behind this guard comes to libsodium's verdict in all of them.
 */
import type { Bytes } from "../bytes.ts";

const P = 2n ** 255n - 19n;
const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;
const SIGN = 1n << 255n;

// The ordinates of the points of order 1, 2, 4 and 8; the spelling with p added falls together by the remainder.
const SMALL = new Set([
  1n,
  P - 1n,
  0n,
  2707385501144840649318225287225658788936804267575313519463743609750303402022n,
  55188659117513257062467267217118295137698188065244968500265048394206261417927n,
]);

const number = (bytes: Uint8Array): bigint =>
  bytes.reduceRight((found, byte) => (found << 8n) | BigInt(byte), 0n);

const isSmall = (point: bigint): boolean => SMALL.has((point & (SIGN - 1n)) % P);

/** Whether the guard lets key and signature pass to an engine. */
export function isSound(key: Uint8Array, signature: Uint8Array): boolean {
  if (key.length !== 32 || signature.length !== 64) return false;
  const a = number(key), r = number(signature.subarray(0, 32)), s = number(signature.subarray(32));
  return s < ORDER && (a & (SIGN - 1n)) < P && !isSmall(a) && !isSmall(r);
}

/** Whether the signature holds. */
export async function verify(key: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean> {
  if (!isSound(key, signature)) return false;
  try {
    const imported = await crypto.subtle.importKey("raw", key as Bytes, "Ed25519", false, ["verify"]);
    return await crypto.subtle.verify("Ed25519", imported, signature as Bytes, message as Bytes);
  } catch {
    return false; // a key that is no point
  }
}

