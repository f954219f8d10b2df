// FORMAT.md, Keys: words, typed words, passphrases, locators, fingerprints.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { concat, refuse, same, toHex, utf8 } from "./bytes.mjs";

const FILE = new URL("../../../vault/sdk/keys/wordlist.txt", import.meta.url);
const LIST = readFileSync(FILE, "utf8");
export const WORDS = LIST.split("\n").filter((word) => word !== "");
export const listDigest = () => toHex(sha256(utf8(LIST)));
const BY_KEY = new Map(WORDS.map((word, place) => [word.slice(0, 4), place]));

const SPACE = "\\u0009-\\u000d\\u0020\\u0085\\u2028\\u2029";
const SEPARATORS = new RegExp(`[${SPACE}\\u002d\\u2010\\u2012-\\u2015\\u2212]+`, "u");
const SPACES = new RegExp(`[${SPACE}]+`, "gu");

const sha256 = (bytes) => Uint8Array.from(createHash("sha256").update(bytes).digest());
const normal = (text) => text.normalize("NFKC").toLowerCase();

/** The first bits of the bytes as words, 11 bits each. */
function spell(bytes, count) {
  const bits = Array.from(bytes, (byte) => byte.toString(2).padStart(8, "0")).join("");
  return Array.from({ length: count }, (_, place) => WORDS[Number.parseInt(bits.slice(11 * place, 11 * place + 11), 2)]);
}

export const split = (phrase) => normal(phrase).split(SEPARATORS).filter((word) => word !== "");

/** The place of a typed word in the list; null for one that is none, or could be several. */
export function index(typed) {
  const word = split(typed).join("");
  const place = BY_KEY.get(Array.from(word).slice(0, 4).join(""));
  if (place === undefined) return null;
  if (WORDS[place].startsWith(word)) return place;
  const near = WORDS.filter((listed) => slips(word, listed) <= 1);
  return near.length === 1 && near[0] === WORDS[place] ? place : null;
}

/** Letters added, missing, wrong, or swapped with their neighbours. */
function slips(left, right) {
  const [a, b] = [Array.from(left), Array.from(right)];
  if (Math.abs(a.length - b.length) > 1) return 2;
  const row = Array.from({ length: a.length + 1 }, (_, i) => Array.from({ length: b.length + 1 }, (_, j) => (i === 0 ? j : i)));
  for (let i = 1; i <= a.length; i += 1) {
    for (let j = 1; j <= b.length; j += 1) {
      row[i][j] = Math.min(row[i - 1][j] + 1, row[i][j - 1] + 1, row[i - 1][j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) row[i][j] = Math.min(row[i][j], row[i - 2][j - 2] + 1);
    }
  }
  return row[a.length][b.length];
}

function places(typed, count) {
  if (typed.length !== count) refuse("another number of words", "words");
  return typed.map((word, position) => index(word) ?? refuse(`word ${position + 1}`, "words"));
}

export const encode = (seed) => spell(concat(seed, sha256(concat(utf8("vault/v1/words"), seed))), 24);

export function decode(typed) {
  const bits = places(typed, 24).map((place) => place.toString(2).padStart(11, "0")).join("");
  const seed = Uint8Array.from({ length: 32 }, (_, byte) => Number.parseInt(bits.slice(8 * byte, 8 * byte + 8), 2));
  const right = encode(seed), found = places(typed, 24).map((place) => WORDS[place]);
  if (right.join(" ") !== found.join(" ")) refuse("they do not belong together", "words");
  return seed;
}

/** Whether each word is a listed one, and the text that a link's passphrase stands for. */
export function passphrase(phrase) {
  const found = split(phrase).map(index);
  if (found.length > 0 && found.every((place) => place !== null)) {
    return { listed: true, canonical: found.map((place) => WORDS[place]).join(" ") };
  }
  return { listed: false, canonical: normal(phrase).replace(SPACES, " ").replace(/^ | $/g, "") };
}

export function locator(six) {
  const canonical = places(split(six), 6).map((place) => WORDS[place]).join(" ");
  return `${canonical} ${spell(sha256(utf8(`vault/v1/locator${canonical}`)), 1)[0]}`;
}

export function checkLocator(typed) {
  const found = places(split(typed), 7).map((place) => WORDS[place]);
  const right = locator(found.slice(0, 6).join(" "));
  if (!same(utf8(right), utf8(found.join(" ")))) refuse("they do not belong together", "words");
  return right;
}

export const fingerprint = (bytes) => spell(sha256(concat(utf8("vault/v1/fingerprint"), bytes)), 6).join(" ");
