// FORMAT.md, Basics: strict JSON, by a tokenizer of its own.
import { refuse } from "./bytes.mjs";

const MAX_DEPTH = 16;
const SHORT = { '"': '"', "\\": "\\", "/": "/", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };

/** The object that at most `limit` bytes say. Objects come without a prototype: `__proto__` is a key like any other. */
export function parseObject(bytes, limit) {
  if (bytes.length > limit) refuse("too large");
  let text;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    refuse("not UTF-8");
  }
  const reader = new Reader(text);
  const value = reader.whole();
  if (value === null || typeof value !== "object" || Array.isArray(value)) refuse("not an object");
  return value;
}

class Reader {
  constructor(text) {
    this.text = text;
    this.at = 0;
  }

  whole() {
    const value = this.value(0);
    this.blank();
    if (this.at !== this.text.length) refuse("something behind the value");
    return value;
  }

  blank() {
    while (" \t\r\n".includes(this.text[this.at] ?? "x")) this.at += 1;
  }

  take(token) {
    if (!this.text.startsWith(token, this.at)) refuse(`no ${token} at ${this.at}`);
    this.at += token.length;
  }

  /** A value so many levels below the object; the object itself is 0. */
  value(depth) {
    this.blank();
    if (depth > MAX_DEPTH) refuse("too deep");
    switch (this.text[this.at]) {
      case "{": return this.object(depth);
      case "[": return this.list(depth);
      case '"': return this.string();
      case "t": this.take("true"); return true;
      case "f": this.take("false"); return false;
      case "n": this.take("null"); return null;
      default: return this.number();
    }
  }

  object(depth) {
    const found = Object.create(null);
    this.take("{");
    this.blank();
    if (this.text[this.at] === "}") {
      this.at += 1;
      return found;
    }
    for (;;) {
      this.blank();
      if (depth + 1 > MAX_DEPTH) refuse("too deep");
      const key = this.string();
      if (key in found) refuse("a key twice");
      this.blank();
      this.take(":");
      found[key] = this.value(depth + 1);
      this.blank();
      if (this.text[this.at] !== ",") break;
      this.at += 1;
    }
    this.take("}");
    return found;
  }

  list(depth) {
    const found = [];
    this.take("[");
    this.blank();
    if (this.text[this.at] === "]") {
      this.at += 1;
      return found;
    }
    for (;;) {
      found.push(this.value(depth + 1));
      this.blank();
      if (this.text[this.at] !== ",") break;
      this.at += 1;
    }
    this.take("]");
    return found;
  }

  number() {
    const digits = /-?(?:0|[1-9][0-9]*)/y;
    digits.lastIndex = this.at;
    const found = digits.exec(this.text)?.[0];
    if (found === undefined || found === "-0") refuse("no whole number");
    this.at += found.length;
    if (/[.eE0-9]/.test(this.text[this.at] ?? "")) refuse("a fraction, an exponent or a zero before");
    if (found.length > 17 || !Number.isSafeInteger(Number(found))) refuse("beyond 2^53-1");
    return Number(found);
  }

  string() {
    this.take('"');
    let made = "";
    for (;;) {
      const character = this.text[this.at];
      if (character === undefined || character < " ") refuse("a text does not end");
      this.at += 1;
      if (character === '"') break;
      made += character === "\\" ? this.escape() : character;
    }
    if (!made.isWellFormed()) refuse("half of a surrogate pair");
    if (made.includes("\0")) refuse("NUL");
    return made;
  }

  escape() {
    const letter = this.text[this.at];
    this.at += 1;
    if (letter !== "u") return Object.hasOwn(SHORT, letter) ? SHORT[letter] : refuse("no such escape");
    const digits = this.text.slice(this.at, this.at + 4);
    if (!/^[0-9a-fA-F]{4}$/.test(digits)) refuse("no such escape");
    this.at += 4;
    return String.fromCharCode(Number.parseInt(digits, 16));
  }
}
