/** The document record: one version of a document, bound to its ciphertext (FORMAT.md, "Types"). */
import { type Bytes, concat, sha256, toHex } from "../../bytes.ts";
import type { Fields } from "../encoding.ts";
import { refuse } from "../../refusal.ts";
import * as read from "../read.ts";

export const SEGMENT_SIZE = 8_388_608;
export const MAX_BODY = 2 ** 43;

export interface Document {
  readonly dossier: string;
  readonly id: string;
  readonly nonce: Bytes;
  readonly commitment: Bytes;
  readonly size: number;
  readonly digest: string;
}

/** What its signer had seen of each chain: a number and a hash, or neither (FORMAT.md, "Seen"). */
function checkSeen(fields: Fields): void {
  const seen = read.mapping(fields, "seen");
  for (const chain of ["ledger", "checkpoint"]) {
    const sighting = read.mapping(seen, chain);
    const nothing = read.integer(sighting, "number") === 0;
    if (nothing !== (read.possiblyNull(sighting, "hash") === null)) refuse("a number without a hash, or the other way round");
  }
}

/** What a receiver needs of it; every other field is checked as well. */
export function readDocument(fields: Fields): Document {
  const roster = read.mapping(fields, "roster");
  read.integer(roster, "version", 1);
  read.digest(roster, "hash");
  checkSeen(fields);
  read.identifier(fields, "series");
  read.possiblyNull(fields, "previous");
  read.word(fields, "kind");
  read.boolean(fields, "draft");
  read.digest(fields, "metadata");
  read.instant(fields, "at");
  return {
    dossier: read.identifier(fields, "dossier"),
    id: read.identifier(fields, "document"),
    nonce: read.octets(fields, "nonce", 16),
    commitment: read.octets(fields, "commitment", 32),
    size: read.integer(fields, "size", 16, MAX_BODY),
    digest: read.digest(fields, "digest"),
  };
}

/** SHA-256 over the SHA-256 of each segment in order, hex; of a plaintext over its pieces of the same size. */
export const treeDigest = async (segments: readonly Uint8Array[]): Promise<string> =>
  toHex(await sha256(concat(...segments)));

export const segmentCount = (size: number): number => Math.ceil(size / SEGMENT_SIZE);
