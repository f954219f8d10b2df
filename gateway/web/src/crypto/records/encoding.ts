/** Strict JSON, base64url, days and instants (FORMAT.md, "Basics"). */
import type { Bytes } from "../bytes.ts";
import { refuse } from "../refusal.ts";

export type Value = null | boolean | number | string | Value[] | Fields;
/** An object without a prototype: `__proto__` is a key like any other. */
export interface Fields {
  readonly [name: string]: Value | undefined;
}

const MAX_DEPTH = 16;
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const SHORT: Record<string, string> = { '"': '"', "\\": "\\", "/": "/", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };

/** The object that at most `limit` bytes say. */
export function parseObject(bytes: Uint8Array, limit: number): Fields {
  if (bytes.length > limit) refuse("too large");
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return refuse("not UTF-8");
  }
  const value = new Reader(text).whole();
  return isFields(value) ? value : refuse("not an object");
}

export const isFields = (value: unknown): value is Fields =>
  value !== null && typeof value === "object" && !Array.isArray(value);

class Reader {
  private at = 0;
  private readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  whole(): Value {
    const value = this.value(0);
    this.blank();
    if (this.at !== this.text.length) refuse("something behind the value");
    return value;
  }

  private blank(): void {
    while (" \t\r\n".includes(this.text[this.at] ?? "x")) this.at += 1;
  }

  private take(token: string): void {
    if (!this.text.startsWith(token, this.at)) refuse(`no ${token} at ${this.at}`);
    this.at += token.length;
  }

  /** A value that many levels below the object, which itself is 0. */
  private value(depth: number): Value {
    this.blank();
    if (depth > MAX_DEPTH) refuse("too deep");
    switch (this.text[this.at]) {
      case "{":
        return this.object(depth);
      case "[":
        return this.list(depth);
      case '"':
        return this.string();
      case "t":
        this.take("true");
        return true;
      case "f":
        this.take("false");
        return false;
      case "n":
        this.take("null");
        return null;
      default:
        return this.number();
    }
  }

  private object(depth: number): Fields {
    const found = Object.create(null) as Record<string, Value>;
    this.members("{", "}", () => {
      this.blank();
      if (depth + 1 > MAX_DEPTH) refuse("too deep");
      const key = this.string();
      if (key in found) refuse("a key twice");
      this.blank();
      this.take(":");
      found[key] = this.value(depth + 1);
    });
    return found;
  }

  private list(depth: number): Value[] {
    const found: Value[] = [];
    this.members("[", "]", () => found.push(this.value(depth + 1)));
    return found;
  }

  private members(open: string, close: string, member: () => void): void {
    this.take(open);
    this.blank();
    if (this.text[this.at] !== close) {
      for (;;) {
        member();
        this.blank();
        if (this.text[this.at] !== ",") break;
        this.at += 1;
      }
    }
    this.take(close);
  }

  private number(): number {
    const digits = /-?(?:0|[1-9][0-9]*)/y;
    digits.lastIndex = this.at;
    const found = digits.exec(this.text)?.[0] ?? refuse("no whole number");
    if (found === "-0") refuse("minus nought");
    this.at += found.length;
    if (/[.eE0-9]/.test(this.text[this.at] ?? "")) refuse("no whole number");
    if (found.length > 17 || !Number.isSafeInteger(Number(found))) refuse("beyond 2^53-1");
    return Number(found);
  }

  private string(): string {
    this.take('"');
    let made = "";
    for (;;) {
      const character = this.text[this.at];
      if (character === undefined || character < " ") refuse("a text does not end");
      this.at += 1;
      if (character === '"') break;
      made += character === "\\" ? this.escape() : character;
    }
    if (hasLoneSurrogate(made)) refuse("half of a surrogate pair");
    if (made.includes("\0")) refuse("U+0000");
    return made;
  }

  private escape(): string {
    const letter = this.text[this.at] ?? "";
    this.at += 1;
    if (letter !== "u") return (Object.hasOwn(SHORT, letter) ? SHORT[letter] : undefined) ?? refuse("no such escape");
    const digits = this.text.slice(this.at, this.at + 4);
    if (!/^[0-9a-fA-F]{4}$/.test(digits)) refuse("no such escape");
    this.at += 4;
    return String.fromCharCode(Number.parseInt(digits, 16));
  }
}

/** By hand: `isWellFormed` is younger than browsers that do everything else. */
const hasLoneSurrogate = (text: string): boolean => /\p{Surrogate}/u.test(text);

/** The bytes of canonical base64url without padding; any other text is refused. */
export function fromBase64url(text: string): Bytes {
  const out = new Uint8Array(Math.floor((text.length * 3) / 4));
  let bits = 0, held = 0, at = 0;
  for (const character of text) {
    const value = character.length === 1 ? ALPHABET.indexOf(character) : -1;
    if (value < 0) refuse("not canonical");
    held = (held << 6) | value;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out[at] = (held >> bits) & 0xff;
      at += 1;
      held &= (1 << bits) - 1;
    }
  }
  if (bits >= 6 || held !== 0) refuse("not canonical");
  return out;
}

export function toBase64url(bytes: Uint8Array): string {
  let text = "", bits = 0, held = 0;
  for (const byte of bytes) {
    held = (held << 8) | byte;
    bits += 8;
    while (bits >= 6) {
      bits -= 6;
      text += ALPHABET[(held >> bits) & 63];
      held &= (1 << bits) - 1;
    }
  }
  return bits > 0 ? text + ALPHABET[(held << (6 - bits)) & 63] : text;
}

const DAY = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/;
const INSTANT = /^([0-9]{4}-[0-9]{2}-[0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})Z$/;
const LENGTHS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Days since 1 January 1970. A grammar and arithmetic: `Date` repairs what is no day. */
export function parseDay(text: string): number {
  const [, year, month, date] = DAY.exec(text) ?? refuse("no day");
  const y = Number(year), m = Number(month), d = Number(date);
  const leap = (y % 4 === 0 && y % 100 !== 0) || y % 400 === 0;
  const length = (LENGTHS[m - 1] ?? 0) + (m === 2 && leap ? 1 : 0);
  if (y < 1900 || y > 2999 || d < 1 || d > length) refuse("no such day");
  return Date.UTC(y, m - 1, d) / 86_400_000;
}

/** Seconds since 1 January 1970. */
export function parseInstant(text: string): number {
  const [, date, hour, minute, second] = INSTANT.exec(text) ?? refuse("no instant");
  const h = Number(hour), m = Number(minute), s = Number(second);
  if (h > 23 || m > 59 || s > 59) refuse("no such time");
  return parseDay(date ?? "") * 86_400 + h * 3600 + m * 60 + s;
}
