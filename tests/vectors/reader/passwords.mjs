// FORMAT.md, Passwords: which bytes a password is, and whether a new one is good enough.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { refuse, toHex, utf8 } from "./bytes.mjs";
import { WORDS } from "./words.mjs";

const FILE = new URL("../../../vault/sdk/keys/unassigned.txt", import.meta.url);
const TABLE = readFileSync(FILE, "utf8");
const RANGES = TABLE.trim().split("\n").map((line) => line.split("..").map((hex) => Number.parseInt(hex, 16)));
export const tableDigest = () => toHex(createHash("sha256").update(utf8(TABLE)).digest());

const FAMOUS = new Set(["correcthorsebatterystaple", "eenwachtwoorddatniemandraadt"]);
const LEET = new Map(Array.from("013457@$!", (sign, place) => [sign, "oleastasi"[place]]));
const MAX_BYTES = 1024, LONGEST = 24, REQUIRED = 10n ** 14n;

const isUnassigned = (point) => RANGES.some(([first, last]) => first <= point && point <= last);

export function normalise(password) {
  if (Array.from(password).some((character) => isUnassigned(character.codePointAt(0)))) refuse("unassigned", "unassigned");
  return utf8(password.normalize("NFKC"));
}

const textOf = (password) => Array.from(password.normalize("NFKC").toLowerCase());
const isFamous = (text) => FAMOUS.has(text.filter((sign) => /^[\p{L}\p{N}]$/u.test(sign)).join(""));

/** Why a password could be guessed; null where it resists. */
export function reason(password, guesses) {
  if (guesses(password) >= REQUIRED) return null;
  const text = textOf(password);
  if (isFamous(text)) return "phrase";
  if (10n ** BigInt(text.length) < REQUIRED) return "short";
  return ["repeats", "row", "date", "words"].find((kind) => guesses(password, kind) >= REQUIRED) ?? "several";
}

const backwards = (characters) => characters.slice().reverse().join("");

export function estimator(rows, common) {
  const listed = new Set([...WORDS, ...common]);
  const many = BigInt(listed.size);

  function cost(characters, without) {
    const piece = characters.join(""), reversed = backwards(characters);
    if (without !== "words") {
      if (listed.has(piece) || listed.has(characters.map((sign) => LEET.get(sign) ?? sign).join(""))) return many;
      if (listed.has(reversed)) return 2n * many;
    }
    const inRow = rows.some((row) => row.includes(piece) || row.includes(reversed));
    if (without !== "row" && inRow) return 4n * BigInt(characters.length);
    if (without === "date") return null;
    if (/^(?:19|20)[0-9]{2}$/.test(piece)) return 200n;
    return /^[0-9]{1,2}([-./ ]?)[0-9]{1,2}\1(?:[0-9]{4}|[0-9]{2})$/.test(piece) ? 40_000n : null;
  }

  return function guesses(password, without = null) {
    const text = textOf(password);
    if (isFamous(text)) return 1n;
    const cheapest = [1n];
    for (let end = 1; end <= text.length; end += 1) {
      let best = cheapest[end - 1] * 10n;
      const offer = (found) => {
        if (found < best) best = found;
      };
      for (let start = Math.max(0, end - LONGEST); start <= end - 3; start += 1) {
        const found = cost(text.slice(start, end), without);
        if (found !== null) offer(cheapest[start] * found);
      }
      const before = without === "repeats" ? 0 : run(text, end);
      if (before > 0) offer(cheapest[before] * 2n * BigInt(text.length));
      cheapest.push(best);
    }
    return cheapest.at(-1);
  };
}

/** How much stands before the run that ends there; 0 where none does. */
function run(text, end) {
  for (let period = 1; period <= Math.min(Math.floor(end / 2), LONGEST); period += 1) {
    const last = text.slice(end - period, end), before = text.slice(end - 2 * period, end - period);
    if (last.every((sign, place) => sign === before[place])) {
      let start = end - period;
      while (start >= period && text[start - 1] === text[start - 1 + period]) start -= 1;
      return start + period;
    }
  }
  return 0;
}

export function verdict(password, guesses) {
  if (normalise(password).length > MAX_BYTES) return "too_long";
  return guesses(password) < REQUIRED ? "guessable" : "allowed";
}
