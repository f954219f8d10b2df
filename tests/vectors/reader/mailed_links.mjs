// FORMAT.md, Links: what mail programs and filters do to a link on its way, undone.
import { fromBase64url, Refused, utf8 } from "./bytes.mjs";

const AROUND = "\\u000b\\u000c\\u0020\\u0085\\u00a0\\u2028\\u2029<>()\\[\\]{}\"'`*,.;:!?" +
  "\\u2018\\u2019\\u201c\\u201d\\u201e\\u00ab\\u00bb\\u2039\\u203a";
const FRONT = new RegExp(`^[${AROUND}]+`);
const END = new RegExp(`(?:[${AROUND}]|%(?:2[0279CcEe]|3[Ee]|5[Dd]))+$`);
const ADDRESS = /^https?:\/\//i, OURS = /\/s\/[0-9a-f]{32}/, SECRET = /^([A-Za-z0-9_-]*)([?&][^]*)?$/;
const RUNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

const bare = (text) => text.replace(FRONT, "").replace(END, "");
const secretOf = (text) => SECRET.exec(text)?.[1];

/** What stands before and behind the first sign. */
function cut(text, sign) {
  const at = text.indexOf(sign);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + sign.length)];
}

/** An address in which no link of ours can be read, nor the secret of one. */
export const isRewritten = (text) => ADDRESS.test(text) && (!/#|\/s\/[0-9a-f]{32}/.test(text) || text.includes("/v3/__"));

/** The text without what was done to a link on its way. */
export function mend(typed) {
  if (utf8(typed).length > 20_000) return "";
  const joined = typed.replace(/[\u00ad\u200b\u2060\ufeff]/g, "").replace(/=\r?\n/g, "").replace(/[\t\n\r]/g, "");
  let link = innermost(bare(joined), 5);
  if (!link.includes("#")) link = link.replace(/(\/s\/[0-9a-f]{32}\/?)%23/, "$1#");
  const [place, end] = cut(link.replace(/(\/s\/[0-9a-f]{32}\/?)\?[^#]*/, "$1"), "#");
  return end === undefined ? place : `${place}#${secretOf(end) ?? end}`;
}

/** The one link that is carried in the address, or the text itself. */
function innermost(text, more) {
  if (more === 0 || !ADDRESS.test(text)) return text;
  const inner = inside(text).filter((one) => ADDRESS.test(one)).map((one) => innermost(bare(one), more - 1));
  const links = new Set(inner.filter((one) => OURS.test(one)));
  if (links.size > 1) return "";
  return links.size === 1 ? [...links][0] : text;
}

function inside(text) {
  const rest = cut(text, "/v3/__")[1] ?? "", behind = rest.lastIndexOf("__;");
  if (behind >= 0) return [filled(rest.slice(0, behind), cut(rest.slice(behind + 3), "!")[0].replace(/=+$/, ""))];
  const [address, end = ""] = cut(text, "#"), [path, query = ""] = cut(address, "?");
  const values = query.split("&").map((pair) => cut(pair, "=")[1] || pair);
  return [path.slice(path.lastIndexOf("/") + 1), ...values].map((value) => withSecret(decoded(value), secretOf(end)));
}

/** A link that the filter left its secret behind the address. */
function withSecret(link, secret) {
  const [place, own = ""] = cut(link, "#");
  return secret && OURS.test(link) && !link.includes("%23") && own === "" ? `${place}#${secret}` : link;
}

function decoded(value) {
  const spelled = /^https?-3a__/i.test(value) ? value.replaceAll("-", "%").replaceAll("_", "/") : value;
  try {
    return decodeURIComponent(spelled);
  } catch {
    return "";
  }
}

/** An address with its signs in the place of the stars; nothing where they are not as many. */
function filled(address, signs) {
  const left = letters(signs);
  if (left === null) return "";
  let enough = true;
  const whole = address.replace(/\*(?:\*([A-Za-z0-9_-]))?/g, (_, run) => {
    const count = run === undefined ? 1 : RUNS.indexOf(run) + 2;
    enough &&= left.length >= count;
    return left.splice(0, count).join("");
  });
  return enough && left.length === 0 ? whole.replace(/^([A-Za-z]+:\/)(?!\/)/, "$1/") : "";
}

function letters(signs) {
  try {
    return [...new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(fromBase64url(signs))];
  } catch (error) {
    if (error instanceof Refused || error instanceof TypeError) return null;
    throw error;
  }
}
