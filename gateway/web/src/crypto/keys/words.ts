/** Secrets and digests as Dutch words, as people type them (FORMAT.md, "Keys", Words). */
import LIST from "../../../../../vault/sdk/keys/wordlist.txt?raw";
import { type Bytes, concat, sha256, toHex, utf8 } from "../bytes.ts";
import { refuse } from "../refusal.ts";

export const WORDS: readonly string[] = LIST.split("\n").filter((word) => word !== "");
export const listDigest = async (): Promise<string> => toHex(await sha256(utf8(LIST)));
const KEY = 4;
const BY_KEY: ReadonlyMap<string, number> = new Map(WORDS.map((word, place) => [word.slice(0, KEY), place]));

// Listed: `\s` and `trim` differ between languages, and from version to version.
const SPACE = "\\u0009-\\u000d\\u0020\\u0085\\u2028\\u2029";
const SEPARATORS = new RegExp(`[${SPACE}\\u002d\\u2010\\u2012-\\u2015\\u2212]+`, "u");
const SPACES = new RegExp(`[${SPACE}]+`, "gu");

const normal = (text: string): string => text.normalize("NFKC").toLowerCase();

/** The words of a typed phrase. */
export const split = (phrase: string): string[] => normal(phrase).split(SEPARATORS).filter((word) => word !== "");

/** The place of a typed word in the list; null for one that is none, or could be several. */
export function index(typed: string): number | null {
  const word = split(typed).join("");
  const place = BY_KEY.get(Array.from(word).slice(0, KEY).join(""));
  const meant = place === undefined ? undefined : WORDS[place];
  if (place === undefined || meant === undefined) return null;
  if (meant.startsWith(word)) return place;
  const near = WORDS.filter((listed) => slips(word, listed) <= 1);
  return near.length === 1 && near[0] === meant ? place : null;
}

/** Letters added, missing, wrong, or swapped with their neighbours. */
function slips(left: string, right: string): number {
  const a = Array.from(left), b = Array.from(right);
  if (Math.abs(a.length - b.length) > 1) return 2;
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i += 1) {
    const earlier = before;
    before = row;
    row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const wrong = (before[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let least = Math.min((before[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, wrong);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) least = Math.min(least, (earlier[j - 2] ?? 0) + 1);
      row.push(least);
    }
  }
  return row[b.length] ?? 0;
}

/** A passphrase as Argon2id takes it, and whether every word of it is a listed one. */
export function passphrase(phrase: string): { listed: boolean; canonical: string } {
  const found = split(phrase).map(index);
  if (found.length > 0 && found.every((place) => place !== null)) {
    return { listed: true, canonical: found.map((place) => WORDS[place]).join(" ") };
  }
  return { listed: false, canonical: normal(phrase).replace(SPACES, " ").replace(/^ | $/g, "") };
}

/** The positions, from 1, of typed words that are not in the list. */
export const unlisted = (phrase: string): number[] =>
  split(phrase).flatMap((word, at) => (index(word) === null ? [at + 1] : []));

function places(typed: readonly string[], count: number): number[] {
  if (typed.length !== count) refuse(`there should be ${count} words`, "words");
  return typed.map((word, at) => index(word) ?? refuse(`word ${at + 1} is not in the list`, "words"));
}

/** The first bits of the bytes as words, 11 bits each. */
function spell(bytes: Uint8Array, count: number): string[] {
  const bits = Array.from(bytes, (byte) => byte.toString(2).padStart(8, "0")).join("");
  return Array.from({ length: count }, (_, at) => WORDS[Number.parseInt(bits.slice(11 * at, 11 * at + 11), 2)] ?? "");
}

/** Thirty-two bytes as 24 words. */
export const encode = async (seed: Uint8Array): Promise<string[]> =>
  spell(concat(seed, await sha256(concat(utf8("vault/v1/words"), seed))), 24);

/** The bytes of 24 words. */
export async function decode(typed: readonly string[]): Promise<Bytes> {
  const found = places(typed, 24);
  const bits = found.map((place) => place.toString(2).padStart(11, "0")).join("");
  const seed = Uint8Array.from({ length: 32 }, (_, byte) => Number.parseInt(bits.slice(8 * byte, 8 * byte + 8), 2));
  const right = (await encode(seed)).join(" ");
  return right === found.map((place) => WORDS[place]).join(" ") ? seed : refuse("they do not belong together", "words");
}

/** Six words with the seventh that checks them. */
export async function locator(six: string): Promise<string> {
  const canonical = places(split(six), 6).map((place) => WORDS[place]).join(" ");
  return `${canonical} ${spell(await sha256(utf8(`vault/v1/locator${canonical}`)), 1).join("")}`;
}

/** The canonical seven words, as Argon2id takes them. */
export async function checkLocator(typed: string): Promise<string> {
  const found = places(split(typed), 7).map((place) => WORDS[place]);
  const right = await locator(found.slice(0, 6).join(" "));
  return right === found.join(" ") ? right : refuse("they do not belong together", "words");
}

/** Six words by which two people compare a key aloud. */
export const fingerprint = async (bytes: Uint8Array): Promise<string> =>
  spell(await sha256(concat(utf8("vault/v1/fingerprint"), bytes)), 6).join(" ");
