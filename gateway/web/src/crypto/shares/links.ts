/** The text of a link, as people paste it and as mail delivers it (FORMAT.md, "Links"). */
import type { Bytes } from "../bytes.ts";
import { fromBase64url } from "../records/encoding.ts";
import { Refusal, refuse } from "../refusal.ts";
import { isRewritten, mend } from "./mailed_links.ts";

export interface Link {
  /** Everything before `/s/`, with the scheme in lower case. */
  readonly base: string;
  readonly share: string;
  /** Null for a locator link, whose words travel another way. */
  readonly secret: Bytes | null;
}

const SECRET = 32, MAX_LINK = 2000, MAX_PORT = 65_535;
const LINK = new RegExp(
  "^([Hh][Tt][Tt][Pp][Ss]?)://((?:[A-Za-z0-9._-]+|\\[[0-9A-Fa-f:.]+\\])(?::([0-9]{1,5}))?)" +
    "((?:/[A-Za-z0-9._~%!$&'()*+,;=:@-]+)*)/s/([0-9a-f]{32})/?(?:#([A-Za-z0-9_-]*))?$",
);

/**
 * The link in a text; any other text is refused as `link_unavailable`, one that lost its end as `link_incomplete`, an
 * address in which there is none as `link_rewritten`.
 */
export function parseLink(typed: string): Link {
  const link = mend(typed);
  const found = link.length <= MAX_LINK ? LINK.exec(link) : null;
  if (found === null) return isRewritten(link) ? refuse("an address of something else", "link_rewritten") : unavailable("no link of ours");
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

function unavailable(why: string): never {
  return refuse(why, "link_unavailable");
}
