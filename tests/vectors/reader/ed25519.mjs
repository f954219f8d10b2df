// FORMAT.md, Basics: Ed25519 by libsodium's rules. Whole numbers alone: a verifier has no secrets.
import { createHash, createPrivateKey, createPublicKey } from "node:crypto";
import { concat, fromHex, same } from "./bytes.mjs";

const P = 2n ** 255n - 19n;
const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;
const mod = (number) => ((number % P) + P) % P;

function power(base, exponent) {
  let found = 1n;
  for (let rest = exponent, square = mod(base); rest > 0n; rest >>= 1n, square = mod(square * square)) {
    if (rest & 1n) found = mod(found * square);
  }
  return found;
}

const inverse = (number) => power(number, P - 2n);
const D = mod(-121665n * inverse(121666n));
const ROOT = power(2n, (P - 1n) / 4n);

const number = (bytes) => bytes.reduceRight((found, byte) => (found << 8n) | BigInt(byte), 0n);

// Extended coordinates: x = X/Z, y = Y/Z, T = XY/Z.
const NEUTRAL = [0n, 1n, 1n, 0n];

function add([x1, y1, z1, t1], [x2, y2, z2, t2]) {
  const a = mod((y1 - x1) * (y2 - x2)), b = mod((y1 + x1) * (y2 + x2));
  const c = mod(2n * D * t1 * t2), d = mod(2n * z1 * z2);
  const [e, f, g, h] = [b - a, d - c, d + c, b + a];
  return [mod(e * f), mod(g * h), mod(f * g), mod(e * h)];
}

function times(count, point) {
  let found = NEUTRAL;
  for (let rest = count, doubled = point; rest > 0n; rest >>= 1n, doubled = add(doubled, doubled)) {
    if (rest & 1n) found = add(found, doubled);
  }
  return found;
}

function encode([x, y, z]) {
  const scale = inverse(z);
  let rest = mod(y * scale) | ((mod(x * scale) & 1n) << 255n);
  return Uint8Array.from({ length: 32 }, () => {
    const byte = Number(rest & 255n);
    rest >>= 8n;
    return byte;
  });
}

/** The point of an ordinate and a sign; null where there is none. */
function point(y, sign) {
  const square = mod((y * y - 1n) * inverse(D * y * y + 1n));
  let x = power(square, (P + 3n) / 8n);
  if (mod(x * x) !== square) x = mod(x * ROOT);
  if (mod(x * x) !== square) return null;
  if ((x & 1n) !== sign) x = mod(-x);
  return [x, y, 1n, mod(x * y)];
}

const BASE = point(mod(4n * inverse(5n)), 0n);
const SIGN = 1n << 255n;

/** The ordinates of the eight points of small order: those of the neutral point, of order 2, 4 and 8. */
const SMALL = (() => {
  for (let y = 2n; ; y += 1n) {
    const found = point(y, 0n);
    const eighth = found && times(ORDER, found);
    if (eighth && !same(encode(times(4n, eighth)), encode(NEUTRAL))) {
      return new Set(Array.from({ length: 8 }, (_, count) => number(encode(times(BigInt(count), eighth))) & ~SIGN));
    }
  }
})();

const isSmall = (bytes) => SMALL.has(mod(number(bytes) & (SIGN - 1n)));

export function verify(key, message, signature) {
  if (key.length !== 32 || signature.length !== 64) return false;
  const r = signature.subarray(0, 32), s = number(signature.subarray(32));
  const y = number(key) & (SIGN - 1n);
  if (s >= ORDER || y >= P || isSmall(r) || isSmall(key)) return false;
  const a = point(y, number(key) >> 255n);
  if (a === null) return false;
  const challenge = number(createHash("sha512").update(concat(r, key, message)).digest()) % ORDER;
  const back = [mod(-a[0]), a[1], a[2], mod(-a[3])];
  return same(encode(add(times(s, BASE), times(challenge, back))), r);
}

/** The public key of a seed of 32 bytes. */
export function publicKeyOf(seed) {
  const key = Buffer.from(concat(fromHex("302e020100300506032b657004220420"), seed));
  const made = createPublicKey(createPrivateKey({ key, format: "der", type: "pkcs8" }));
  return Uint8Array.from(made.export({ format: "der", type: "spki" })).subarray(-32);
}
