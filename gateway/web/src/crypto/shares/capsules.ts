/** What a link releases: each document's capsule, its key and its signed record (FORMAT.md, "Links"). */
import type { Bytes } from "../bytes.ts";
import { parseRecord, recordHash } from "../records/envelope.ts";
import * as read from "../records/read.ts";
import { type Document, readDocument } from "../records/types/document.ts";
import { Refusal, refuse } from "../refusal.ts";
import { type Covered, INVALID, open } from "./covers.ts";

const MAX_CAPSULE = 131_072;

/** A document's record with its released key, checked against the cover. */
export interface Released {
  readonly document: Document;
  readonly fileKey: Bytes;
}

/** The capsule's key and exact record bytes. */
export const openCapsule = (key: Uint8Array, share: string, document: string, sealed: Uint8Array): { fileKey: Bytes; record: Bytes } =>
  open(key, ["capsule", share, document], sealed, MAX_CAPSULE, (fields) => ({
    fileKey: read.octets(fields, "file_key", 16),
    record: read.octets(fields, "record"),
  }));

/** The record of a capsule, if it is the one that the cover names. */
export async function checkCapsule(row: Covered, { fileKey, record }: { fileKey: Bytes; record: Bytes }): Promise<Released> {
  let document: Document;
  try {
    document = readDocument(parseRecord(record, "document"));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return refuse("no record of a document", INVALID);
  }
  const found = await recordHash("document", record);
  if (document.id !== row.document || found !== row.record || document.size !== row.size) {
    refuse("another record than the cover names", INVALID);
  }
  return { document, fileKey };
}
