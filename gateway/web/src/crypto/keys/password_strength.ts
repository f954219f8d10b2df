/**
 * A low estimate of the guesses that a new password resists, the same on every device (FORMAT.md, "Passwords").
 *
 * It brings the word list along: import it where a password is chosen, and not before.
 */
import { refuse } from "../refusal.ts";
import { normalise } from "./password_key.ts";
import { WORDS } from "./words.ts";

const KINDS = ["repeats", "row", "date", "words"] as const;
type Kind = (typeof KINDS)[number];
/** Why a password is weak: a kind of cheap piece, or what is none. */
export type Reason = Kind | "phrase" | "short" | "several";

export const REQUIRED = 10n ** 14n;
const PER_CHARACTER = 10n, SHORTEST = 3, LONGEST = 24;
const FAMOUS: ReadonlySet<string> = new Set(["correcthorsebatterystaple", "eenwachtwoorddatniemandraadt"]);
const LEET = new Map(Array.from("013457@$!", (sign, place) => [sign, "oleastasi"[place] ?? sign]));
const YEAR = /^(?:19|20)[0-9]{2}$/, DATE = /^[0-9]{1,2}([-./ ]?)[0-9]{1,2}\1(?:[0-9]{4}|[0-9]{2})$/;

export const ROWS: readonly string[] = [
  "abcdefghijklmnopqrstuvwxyz", "0123456789", "1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "azertyuiop", "qwertz",
];

/** The top of published lists of stolen passwords, and words of this profession. */
export const COMMON: readonly string[] = (
  "password wachtwoord welkom welcome geheim secret admin letmein qwerty iloveyou ikhouvanjou monkey dragon master " +
  "football voetbal ajax feyenoord psv baseball shadow sunshine princess login hello hallo abc123 trustno1 whatever " +
  "superman batman starwars pokemon computer internet nederland holland amsterdam rotterdam utrecht denhaag " +
  "eindhoven groningen maandag dinsdag woensdag donderdag vrijdag zaterdag zondag januari februari maart april mei " +
  "juni juli augustus september oktober november december winter lente zomer herfst summer spring autumn oranje " +
  "koningin koning lekker schatje liefde poepie hond poes konijn paard jan piet kees henk anna emma sophie thomas " +
  "dossier cliënt client coach coaching begeleider begeleiding directie praktijk loopbaan traject kluis vault " +
  "sleutel veilig"
).split(" ");

const LISTED: ReadonlySet<string> = new Set([...WORDS, ...COMMON]);
const MANY = BigInt(LISTED.size);

/** Refuses a new password as `unassigned`, `too_long` or `guessable`. */
export function checkNewPassword(password: string): void {
  normalise(password);
  if (guesses(password) < REQUIRED) refuse("it could be guessed", "guessable");
}

/** Why a password could be guessed, in a word; null for one that resists. */
export function reasonOf(password: string): Reason | null {
  if (guesses(password) >= REQUIRED) return null;
  const text = textOf(password);
  if (isFamous(text)) return "phrase";
  if (PER_CHARACTER ** BigInt(text.length) < REQUIRED) return "short";
  return KINDS.find((kind) => guesses(password, kind) >= REQUIRED) ?? "several";
}

/** By the cheapest cut into pieces; `without`: as if there were none of that kind. */
export function guesses(password: string, without: Kind | null = null): bigint {
  const text = textOf(password);
  if (isFamous(text)) return 1n;
  const cheapest = [1n];
  const before = (place: number): bigint => cheapest[place] ?? 1n;
  for (let end = 1; end <= text.length; end += 1) {
    const offers = [before(end - 1) * PER_CHARACTER];
    for (let start = Math.max(0, end - LONGEST); start <= end - SHORTEST; start += 1) {
      const cost = costOf(text.slice(start, end), without);
      if (cost !== null) offers.push(before(start) * cost);
    }
    const run = without === "repeats" ? 0 : runTo(text, end);
    if (run > 0) offers.push(before(run) * 2n * BigInt(text.length));
    cheapest.push(offers.reduce((least, offer) => (offer < least ? offer : least)));
  }
  return before(text.length);
}

function textOf(password: string): string[] {
  return Array.from(password.normalize("NFKC").toLowerCase());
}

function isFamous(text: readonly string[]): boolean {
  return FAMOUS.has(text.filter((sign) => /^[\p{L}\p{N}]$/u.test(sign)).join(""));
}

/** The guesses for one piece; null for one that is on no list. */
function costOf(characters: readonly string[], without: Kind | null): bigint | null {
  const piece = characters.join(""), reversed = characters.reduce((text, sign) => sign + text, "");
  if (without !== "words") {
    if (LISTED.has(piece) || LISTED.has(characters.map((sign) => LEET.get(sign) ?? sign).join(""))) return MANY;
    if (LISTED.has(reversed)) return 2n * MANY;
  }
  const inRow = ROWS.some((row) => row.includes(piece) || row.includes(reversed));
  if (without !== "row" && inRow) return 4n * BigInt(characters.length);
  if (without === "date") return null;
  if (YEAR.test(piece)) return 200n;
  return DATE.test(piece) ? 40_000n : null;
}

/** How much stands before the run that ends there, with its first period; 0 where none does. */
function runTo(text: readonly string[], end: number): number {
  for (let period = 1; period <= Math.min(Math.floor(end / 2), LONGEST); period += 1) {
    const repeats = (place: number): boolean => text[place] === text[place + period];
    let start = end - period;
    if (!Array.from({ length: period }, (_, place) => start - period + place).every(repeats)) continue;
    while (start >= period && repeats(start - 1)) start -= 1;
    return start + period;
  }
  return 0;
}
