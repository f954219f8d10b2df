// FORMAT.md, Texts: small encrypted JSON of a record.
import { createHash } from "node:crypto";
import { isHex, lp, refuse, toHex, utf8 } from "./bytes.mjs";
import { hkdf, unbox } from "./boxes.mjs";
import { instant, integer, text } from "./fields.mjs";
import { parseObject } from "./json.mjs";

const LARGEST_BOX = 16_384, LARGEST_TEXT = 16_128;

export const textKey = (identity) => hkdf(identity, "vault/v1/dossier/text");

export const place = (kind, dossier, epoch, subject) =>
  lp(...[`vault/v1/text/${kind}`, dossier, String(epoch), subject].map(utf8));

export const digestOf = (kind, plain) =>
  toHex(Uint8Array.from(createHash("sha256").update(lp(utf8(`vault/v1/text/${kind}`), plain)).digest()));

/** The fields of a text whose digest its record states. */
export function openText(kind, key, aad, sealed, digest) {
  if (sealed.length > LARGEST_BOX) refuse("too large");
  return readText(kind, unbox(key, aad, sealed), digest);
}

/** The same of a text in clear. */
export function readText(kind, plain, digest) {
  if (digestOf(kind, plain) !== digest) refuse("not the text that was signed", "integrity");
  const fields = parseObject(plain, LARGEST_TEXT);
  integer(fields.v, 1, 1);
  return fields;
}

const possiblyEmpty = (value, limit) => (value === "" ? value : text(value, limit));

/** The fields of a document's text, each as it may be. */
export function readMetadata(fields) {
  text(fields.name, 1000);
  possiblyEmpty(fields.folder, 4000);
  text(fields.type, 255);
  integer(fields.size, 0);
  if (!isHex(fields.digest, 32)) refuse("no hash");
  possiblyEmpty(fields.purpose, 2000);
  instant(fields.modified);
  return fields;
}
