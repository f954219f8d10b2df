// FORMAT.md, Basics: bytes, base64url, hex, lp.

export class Refused extends Error {
  constructor(word, why) {
    super(`${word}: ${why}`);
    this.word = word;
  }
}

export const refuse = (why, word = "record_invalid") => {
  throw new Refused(word, why);
};

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** The bytes of canonical base64url; of any other text nothing. */
export function fromBase64url(text) {
  const out = [];
  let bits = 0, held = 0;
  for (const character of text) {
    const value = character.length === 1 ? ALPHABET.indexOf(character) : -1;
    if (value < 0) refuse("not of the alphabet");
    held = (held << 6) | value;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out.push((held >> bits) & 0xff);
      held &= (1 << bits) - 1;
    }
  }
  if (bits >= 6 || held !== 0) refuse("not canonical");
  return Uint8Array.from(out);
}

export const toHex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

export function fromHex(text) {
  return Uint8Array.from({ length: text.length / 2 }, (_, place) => Number.parseInt(text.slice(2 * place, 2 * place + 2), 16));
}

export const isHex = (text, size) => typeof text === "string" && text.length === 2 * size && /^[0-9a-f]*$/.test(text);

export const utf8 = (text) => new TextEncoder().encode(text);

export function concat(...parts) {
  const out = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** Each part behind its length, 32 bits, big-endian. */
export function lp(...parts) {
  return concat(...parts.flatMap((part) => {
    const length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, part.length);
    return [length, part];
  }));
}

export const same = (left, right) => left.length === right.length && left.every((byte, place) => byte === right[place]);
