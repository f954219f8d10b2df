// FIPS 203: ML-KEM-768, as far as the holder of a seed needs it.
import { sha3_256, sha3_512, shake128, shake256 } from "@noble/hashes/sha3.js";
import { concat, same } from "./bytes.mjs";

const Q = 3329, N = 256, K = 3, ETA_BYTES = 128, CIPHERTEXT = 1088;
const RANKS = [0, 1, 2];

const mod = (value) => ((value % Q) + Q) % Q;
const reversed = (index) => Number.parseInt(index.toString(2).padStart(7, "0").split("").reverse().join(""), 2);
const POWERS = [1];
while (POWERS.length < N) POWERS.push((POWERS.at(-1) * 17) % Q);
const ZETAS = Array.from({ length: 128 }, (_, index) => POWERS[reversed(index)]);
const GAMMAS = Array.from({ length: 128 }, (_, index) => POWERS[2 * reversed(index) + 1]);

function ntt(polynomial) {
  const f = polynomial.slice();
  let next = 1;
  for (let length = 128; length >= 2; length /= 2) {
    for (let start = 0; start < N; start += 2 * length) {
      const zeta = ZETAS[next++];
      for (let at = start; at < start + length; at += 1) {
        const turned = (zeta * f[at + length]) % Q;
        f[at + length] = mod(f[at] - turned);
        f[at] = mod(f[at] + turned);
      }
    }
  }
  return f;
}

function inverse(polynomial) {
  const f = polynomial.slice();
  let next = 127;
  for (let length = 2; length <= 128; length *= 2) {
    for (let start = 0; start < N; start += 2 * length) {
      const zeta = ZETAS[next--];
      for (let at = start; at < start + length; at += 1) {
        const left = f[at];
        f[at] = mod(left + f[at + length]);
        f[at + length] = mod(zeta * (f[at + length] - left));
      }
    }
  }
  return f.map((value) => (value * 3303) % Q);
}

function times(a, b) {
  return a.map((_, place) => {
    const even = place & ~1, odd = even + 1;
    if (place === even) return mod(a[even] * b[even] + ((a[odd] * b[odd]) % Q) * GAMMAS[even / 2]);
    return mod(a[even] * b[odd] + a[odd] * b[even]);
  });
}

const plus = (a, b) => a.map((value, place) => mod(value + b[place]));
const minus = (a, b) => a.map((value, place) => mod(value - b[place]));
const dot = (left, right) => left.map((one, place) => times(one, right[place])).reduce(plus);

/** The numbers of so many bits each that bytes hold, lowest bit first; and back. */
function decode(bits, bytes) {
  return Array.from({ length: (8 * bytes.length) / bits }, (_, place) => {
    let value = 0;
    for (let bit = 0; bit < bits; bit += 1) {
      const at = place * bits + bit;
      value |= ((bytes[at >> 3] >> (at & 7)) & 1) << bit;
    }
    return value;
  });
}

function encode(bits, values) {
  const bytes = new Uint8Array((bits * values.length) / 8);
  values.forEach((value, place) => {
    for (let bit = 0; bit < bits; bit += 1) bytes[(place * bits + bit) >> 3] |= ((value >> bit) & 1) << ((place * bits + bit) & 7);
  });
  return bytes;
}

const compress = (bits, f) => f.map((value) => Math.floor((value * 2 ** (bits + 1) + Q) / (2 * Q)) % 2 ** bits);
const decompress = (bits, f) => f.map((value) => Math.floor((2 * Q * value + 2 ** bits) / 2 ** (bits + 1)));
const pieces = (bytes, size) => Array.from({ length: bytes.length / size }, (_, place) => bytes.subarray(place * size, (place + 1) * size));

/** A polynomial of the matrix, from the public seed. */
function uniform(rho, column, row) {
  const stream = shake128(concat(rho, Uint8Array.of(column, row)), { dkLen: 2016 });
  return pieces(stream, 3).flatMap((three) => decode(12, three)).filter((value) => value < Q).slice(0, N);
}

/** A small polynomial, from a secret seed and a counter. */
function small(seed, counter) {
  const pairs = decode(2, shake256(concat(seed, Uint8Array.of(counter)), { dkLen: ETA_BYTES })).map((two) => (two & 1) + (two >> 1));
  return Array.from({ length: N }, (_, place) => mod(pairs[2 * place] - pairs[2 * place + 1]));
}

const matrix = (rho) => RANKS.map((row) => RANKS.map((column) => uniform(rho, column, row)));

export function keygen(seed) {
  const [d, z] = [seed.subarray(0, 32), seed.subarray(32)];
  const both = sha3_512(concat(d, Uint8Array.of(K))), [rho, sigma] = [both.subarray(0, 32), both.subarray(32)];
  const secret = RANKS.map((place) => ntt(small(sigma, place)));
  const open = matrix(rho).map((row, place) => plus(dot(row, secret), ntt(small(sigma, K + place))));
  return { z, secret, open: concat(...open.map((one) => encode(12, one)), rho) };
}

function encrypt(open, message, coins) {
  const rho = open.subarray(384 * K), t = pieces(open.subarray(0, 384 * K), 384).map((one) => decode(12, one));
  const rows = matrix(rho), y = RANKS.map((place) => ntt(small(coins, place)));
  const u = RANKS.map((column) => plus(inverse(dot(rows.map((row) => row[column]), y)), small(coins, K + column)));
  const v = plus(plus(inverse(dot(t, y)), small(coins, 2 * K)), decompress(1, decode(1, message)));
  return concat(...u.map((one) => encode(10, compress(10, one))), encode(4, compress(4, v)));
}

/** The shared secret; of a ciphertext that is none, one that nobody else has. */
export function decapsulate({ z, secret, open }, ciphertext) {
  const u = pieces(ciphertext.subarray(0, 320 * K), 320).map((one) => ntt(decompress(10, decode(10, one))));
  const v = decompress(4, decode(4, ciphertext.subarray(320 * K, CIPHERTEXT)));
  const message = encode(1, compress(1, minus(v, inverse(dot(secret, u)))));
  const both = sha3_512(concat(message, sha3_256(open)));
  if (same(encrypt(open, message, both.subarray(32)), ciphertext)) return both.subarray(0, 32);
  return shake256(concat(z, ciphertext), { dkLen: 32 });
}
