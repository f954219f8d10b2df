/** Texts: small encrypted JSON of a record (FORMAT.md, "Texts"). */
import { type Bytes, lp, sha256, toHex, utf8 } from "../bytes.ts";
import { hkdf, unbox } from "../boxes.ts";
import { type Fields, parseObject } from "../records/encoding.ts";
import * as read from "../records/read.ts";
import { refuse } from "../refusal.ts";

const LARGEST_BOX = 16_384, LARGEST_TEXT = 16_128;

export interface Metadata {
  readonly name: string;
  readonly folder: string;
  readonly type: string;
  readonly size: number;
  readonly digest: string;
  readonly purpose: string;
  readonly modified: number;
}

export const textKey = (identity: Uint8Array): Promise<Bytes> => hkdf(identity, "vault/v1/dossier/text");

export const textPlace = (kind: string, dossier: string, epoch: number, subject: string): Bytes =>
  lp(...[`vault/v1/text/${kind}`, dossier, String(epoch), subject].map(utf8));

/** The fields of a text whose digest its record states. */
export async function openText(kind: string, key: Uint8Array, aad: Uint8Array, sealed: Uint8Array, digest: string): Promise<Fields> {
  if (sealed.length > LARGEST_BOX) refuse("too large");
  return readText(kind, unbox(key, aad, sealed), digest);
}

/** The same of a text in clear. */
export async function readText(kind: string, plain: Uint8Array, digest: string): Promise<Fields> {
  if ((await textDigest(kind, plain)) !== digest) refuse("not the text that was signed", "integrity");
  const fields = parseObject(plain, LARGEST_TEXT);
  read.integer(fields, "v", 1, 1);
  return fields;
}

/** What a record states of its text, hex. */
export const textDigest = async (kind: string, plain: Uint8Array): Promise<string> =>
  toHex(await sha256(lp(utf8(`vault/v1/text/${kind}`), plain)));

/** A document's text. */
export const readMetadata = (fields: Fields): Metadata => ({
  name: read.text(fields, "name"),
  folder: read.possiblyEmpty(fields, "folder", 4000),
  type: read.text(fields, "type", 255),
  size: read.integer(fields, "size"),
  digest: read.digest(fields, "digest"),
  purpose: read.possiblyEmpty(fields, "purpose", 2000),
  modified: read.instant(fields, "modified"),
});
