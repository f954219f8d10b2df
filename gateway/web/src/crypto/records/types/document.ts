/** The document record: one version of a document, bound to its ciphertext (FORMAT.md, "Types"). */
import { MAX_BODY } from "../../age/sizes.ts";
import { type Bytes, concat, sha256, toHex } from "../../bytes.ts";
import type { Fields } from "../encoding.ts";
import * as read from "../read.ts";
import { type Hashed, memberCommon } from "../record.ts";

export const SEGMENT_SIZE = 8_388_608;
export const KINDS: readonly string[] = ["report", "quote", "plan", "correspondence", "consent", "other"];

/** What a receiver needs of one; every other field is checked as well. */
export interface Document {
  readonly dossier: string;
  readonly id: string;
  readonly nonce: Bytes;
  readonly commitment: Bytes;
  readonly size: number;
  readonly digest: string;
}

/** What is known of a document before its body is encrypted; its intent says it, and its record repeats it. */
export const readReserved = (fields: Fields) => ({
  ...memberCommon(fields),
  dossier: read.identifier(fields, "dossier"),
  id: read.identifier(fields, "document"),
  series: read.identifier(fields, "series"),
  previous: read.possiblyNull(fields, "previous"),
  kind: read.word(fields, "kind"),
  draft: read.boolean(fields, "draft"),
  nonce: read.octets(fields, "nonce", 16),
  commitment: read.octets(fields, "commitment", 32),
  size: read.integer(fields, "size", 16, MAX_BODY),
});

export const readDocument = (fields: Fields) => ({
  ...readReserved(fields),
  digest: read.digest(fields, "digest"),
  metadata: read.digest(fields, "metadata"),
  at: read.instant(fields, "at"),
});

export type DocumentRecord = ReturnType<typeof readDocument> & Hashed;

/** SHA-256 over the SHA-256 of each segment in order, hex; of a plaintext over its pieces of the same size. */
export const treeDigest = async (segments: readonly Uint8Array[]): Promise<string> =>
  toHex(await sha256(concat(...segments)));

export const segmentCount = (size: number): number => Math.ceil(size / SEGMENT_SIZE);
