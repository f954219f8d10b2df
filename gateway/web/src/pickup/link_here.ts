/** The link that this page was opened by, also where mail had changed it on its way. */
import { toBase64url } from "../crypto/records/encoding.ts";
import { Refusal } from "../crypto/refusal.ts";
import { type Link, parseLink } from "../crypto/shares/links.ts";

export type Here = { readonly link: Link } | { readonly trouble: "incomplete" | "gone" };

export function linkHere(address: string): Here {
  try {
    return { link: parseLink(address) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { trouble: error.word === "link_incomplete" ? "incomplete" : "gone" };
  }
}

/** The link as it was meant. */
export const spelled = ({ base, share, secret }: Link): string =>
  secret === null ? `${base}/s/${share}` : `${base}/s/${share}#${toBase64url(secret)}`;

/** What stands before `/s/` in the address of this page. */
export const baseOf = (address: URL): string => address.origin + address.pathname.slice(0, Math.max(0, address.pathname.lastIndexOf("/s/")));
