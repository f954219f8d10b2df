/** The text of a link, as people paste it and as mail delivers it (FORMAT.md, "Links"). */
import { type Bytes, utf8 } from "../bytes.ts";
import { fromBase64url } from "../records/encoding.ts";
import { Refusal, refuse } from "../refusal.ts";

export interface Link {
  /** Everything before `/s/`, with the scheme in lower case. */
  readonly base: string;
  readonly share: string;
  /** Null for a locator link, whose words travel another way. */
  readonly secret: Bytes | null;
}

const SECRET = 32, MAX_LINK = 2000, MAX_PORT = 65_535, MAX_TEXT = 20_000;
const LINK = new RegExp(
  "^([Hh][Tt][Tt][Pp][Ss]?)://((?:[A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.]+\\])(?::([0-9]{1,5}))?)" +
    "((?:/[A-Za-z0-9._~%!$&'()*+,;=:@-]+)*)/s/([0-9a-f]{32})/?(?:#([A-Za-z0-9_-]*))?$",
);

/** The link in a text; any other text is refused as `link_unavailable`, one that lost its end as `link_incomplete`. */
export function parseLink(typed: string): Link {
  const link = mend(typed);
  const found = link.length <= MAX_LINK ? LINK.exec(link) : null;
  if (found === null) return unavailable("no link of ours");
  const [, scheme = "", host = "", port = "1", folders = "", share = "", spelled] = found;
  if (Number(port) < 1 || Number(port) > MAX_PORT) unavailable("no such port");
  const secret = spelled === undefined ? null : readSecret(spelled);
  return { base: `${scheme.toLowerCase()}://${host}${folders}`, share, secret };
}

function readSecret(spelled: string): Bytes {
  if (spelled.length < 43) refuse("a secret cut off", "link_incomplete");
  try {
    const secret = fromBase64url(spelled);
    if (secret.length === SECRET) return secret;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
  }
  return unavailable("no secret");
}

// What mail puts in: a byte order mark, zero-width characters, soft hyphens; and a soft line break of quoted-printable.
const UNSEEN = /[\u00ad\u200b\u2060\ufeff]/g;
const SOFT_BREAK = /=\r?\n/g;
const BREAKS = /[\t\n\r]/g;
const AROUND =
  "\\u000b\\u000c\\u0020\\u0085\\u00a0\\u2028\\u2029" +
  "<>()\\[\\]{}\"'`*,.;:!?\\u2018\\u2019\\u201c\\u201d\\u201e\\u00ab\\u00bb\\u2039\\u203a";
const FRONT = new RegExp(`^[${AROUND}]+`);
const END = new RegExp(`(?:[${AROUND}]|%(?:2[0279CcEe]|3[Ee]|5[Dd]))+$`);

/** The same text without what mail programs do to a link on its way; nothing is guessed. */
export function mend(typed: string): string {
  if (utf8(typed).length > MAX_TEXT) return "";
  const joined = bare(typed.replace(UNSEEN, "").replace(SOFT_BREAK, "").replace(BREAKS, ""));
  const link = bare(carried(joined) ?? joined);
  return link.includes("#") ? link : link.replace(/(\/s\/[0-9a-f]{32}\/?)%23/, "$1#");
}

/** Without brackets, quotation marks, full stops and blanks around it. */
const bare = (text: string): string => text.replace(FRONT, "").replace(END, "");

/** Safe Links and their like lead to their own address, and carry ours in a value of the query, percent-encoded. */
function carried(text: string): string | null {
  const query = /^[Hh][Tt][Tt][Pp][Ss]?:\/\/[^?#]+\?([^#]*)/.exec(text)?.[1];
  const links = new Set(
    (query ?? "").split("&").flatMap((pair) => {
      const value = decoded(pair.slice(pair.indexOf("=") + 1));
      return value !== null && /^[Hh][Tt][Tt][Pp][Ss]?:\/\//.test(value) && /\/s\/[0-9a-f]{32}/.test(value) ? [value] : [];
    }),
  );
  return links.size === 1 ? ([...links][0] ?? null) : null;
}

function decoded(value: string): string | null {
  try {
    return decodeURIComponent(value);
  } catch {
    return null;
  }
}

function unavailable(why: string): never {
  return refuse(why, "link_unavailable");
}
