/** Links as mail delivers them: the same text without what mail programs do to it; nothing is guessed (FORMAT.md, "Links"). */
import { utf8 } from "../bytes.ts";
import { fromBase64url } from "../records/encoding.ts";
import { Refusal } from "../refusal.ts";

const MAX_TEXT = 20_000;
/** A filter puts its address around that of another one; nobody needs more of them than this. */
const MAX_WRAPPERS = 5;
// What mail puts in: a byte order mark, zero-width characters, soft hyphens; and a soft line break of quoted-printable.
const UNSEEN = /[\u00ad\u200b\u2060\ufeff]/g;
const SOFT_BREAK = /=\r?\n/g;
const BREAKS = /[\t\n\r]/g;
const AROUND =
  "\\u000b\\u000c\\u0020\\u0085\\u00a0\\u2028\\u2029" +
  "<>()\\[\\]{}\"'`*,.;:!?\\u2018\\u2019\\u201c\\u201d\\u201e\\u00ab\\u00bb\\u2039\\u203a";
const FRONT = new RegExp(`^[${AROUND}]+`);
const END = new RegExp(`(?:[${AROUND}]|%(?:2[0279CcEe]|3[Ee]|5[Dd]))+$`);
const SCHEME = /^[Hh][Tt][Tt][Pp][Ss]?:\/\//, OURS = /\/[is]\/[0-9a-f]{32}/;
// Proofpoint's URL Defense, third version: signs are starred out, and stand behind the address in base64url.
const BEFORE = "/v3/__", BEHIND = "__;";
const RUNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
// Its second version spells `%` as `-` and `/` as `_`.
const DASHED = /^[Hh][Tt][Tt][Pp][Ss]?-3[Aa]__/;

/** The link in a text, still unread; empty for one longer than any mail's line, or that carries several links. */
export function mend(typed: string): string {
  if (utf8(typed).length > MAX_TEXT) return "";
  const joined = typed.replace(UNSEEN, "").replace(SOFT_BREAK, "").replace(BREAKS, "");
  const found = unwrapped(bare(joined), MAX_WRAPPERS);
  const link = found.includes("#") ? found : found.replace(/(\/[is]\/[0-9a-f]{32}\/?)%23/, "$1#");
  const [place, sign, end] = cut(link.replace(/(\/[is]\/[0-9a-f]{32}\/?)\?[^#]*/, "$1"), "#");
  return place + sign + (spelledSecret(end) ?? end);
}

/** Whether a mended text is an address that holds no link of ours, nor the secret of one: a filter's own. */
export const isRewritten = (text: string): boolean =>
  SCHEME.test(text) && ((!text.includes("#") && !OURS.test(text)) || text.includes(BEFORE));

/** Without brackets, quotation marks, full stops and blanks around it. */
const bare = (text: string): string => text.replace(FRONT, "").replace(END, "");

/** What comes before the first sign, the sign where it is there, and what comes behind it. */
function cut(text: string, sign: string): [string, string, string] {
  const at = text.indexOf(sign);
  return at < 0 ? [text, "", ""] : [text.slice(0, at), sign, text.slice(at + sign.length)];
}

/** The one link that Safe Links and their like carry in this address, else the text; empty where it is not one. */
function unwrapped(text: string, deep: number): string {
  if (deep === 0) return text;
  const links = carried(text).filter((each) => SCHEME.test(each)).map((each) => unwrapped(bare(each), deep - 1));
  const [first, ...others] = new Set(links.filter((each) => OURS.test(each)));
  if (first === undefined) return text;
  return others.length === 0 ? first : "";
}

/** What an address may carry: starred out, in the values of its query, or as the last part of its path. */
function carried(text: string): string[] {
  if (!SCHEME.test(text)) return [];
  const rest = cut(text, BEFORE)[2], behind = rest.lastIndexOf(BEHIND);
  if (behind >= 0) return [unstarred(rest.slice(0, behind), cut(rest.slice(behind + BEHIND.length), "!")[0].replace(/=+$/, ""))];
  const [address, , end] = cut(text, "#"), [path, , query] = cut(address, "?"), secret = spelledSecret(end) ?? "";
  const values = [path.slice(path.lastIndexOf("/") + 1), ...query.split("&").map((pair) => cut(pair, "=")[2] || pair)];
  return values.map((value) => {
    const link = decoded(value);
    const lost = secret !== "" && OURS.test(link) && !link.includes("%23") && cut(link, "#")[2] === "";
    return lost ? `${link.replace(/#$/, "")}#${secret}` : link; // the filter left the secret where it was
  });
}

/** What stands behind `#` without the query that a filter set behind it; null where it is not of a secret's characters. */
const spelledSecret = (end: string): string | null => /^([A-Za-z0-9_-]*)(?:[?&].*)?$/s.exec(end)?.[1] ?? null;

function decoded(value: string): string {
  try {
    return decodeURIComponent(DASHED.test(value) ? value.replaceAll("-", "%").replaceAll("_", "/") : value);
  } catch {
    return "";
  }
}

/** The address with each star replaced by the next of `signs`; a second star says by the next sign how many. */
function unstarred(address: string, signs: string): string {
  let left = spelledBy(signs);
  const whole = address.replace(/\*(?:\*([A-Za-z0-9_-]))?/g, (_, run: string | undefined) => {
    const count = run === undefined ? 1 : RUNS.indexOf(run) + 2;
    const here = left?.splice(0, count) ?? [];
    if (here.length < count) left = null;
    return here.join("");
  });
  return left === null || left.length > 0 ? "" : whole.replace(/^([A-Za-z]+:\/)(?!\/)/, "$1/");
}

function spelledBy(signs: string): string[] | null {
  try {
    return Array.from(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(fromBase64url(signs)));
  } catch (error) {
    if (error instanceof Refusal || error instanceof TypeError) return null;
    throw error;
  }
}
