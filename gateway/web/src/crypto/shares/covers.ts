/** What a link shows before its documents are released: the cover, and each document's entry (FORMAT.md, "Links"). */
import { type Bytes, lp, utf8 } from "../bytes.ts";
import { unbox } from "../boxes.ts";
import { MAX_BODY, bodySize } from "../age/sizes.ts";
import { type Fields, type Value, parseObject } from "../records/encoding.ts";
import * as read from "../records/read.ts";
import { Refusal, refuse } from "../refusal.ts";

export const INVALID = "link_content_invalid";
const KINDS = ["copy", "disclosure", "review", "drop", "client"] as const;
const MAX_COVER = 65_536, MAX_ENTRY = 16_384, MAX_DOCUMENTS = 500;

export interface Covered {
  readonly document: string;
  readonly record: string;
  readonly size: number;
}

export interface Cover {
  readonly practice: string;
  readonly name: string;
  readonly sender: string;
  readonly kind: (typeof KINDS)[number];
  readonly note: string;
  readonly root: Bytes;
  readonly record: string;
  /** Seconds since 1970. */
  readonly expiresAt: number;
  readonly max: number;
  readonly documents: readonly Covered[];
}

export interface Entry {
  readonly name: string;
  readonly folder: string;
  readonly type: string;
  readonly size: number;
  readonly digest: string;
}

export const openCover = (key: Uint8Array, share: string, sealed: Uint8Array): Cover =>
  open(key, ["cover", share], sealed, MAX_COVER, (fields) => {
    const documents = read.items(fields, "documents", MAX_DOCUMENTS).map(covered);
    if (new Set(documents.map(({ document }) => document)).size !== documents.length) refuse("a document stands twice");
    return {
      practice: read.identifier(fields, "practice"),
      name: read.text(fields, "name"),
      sender: read.text(fields, "sender"),
      kind: read.oneOf(fields, "kind", KINDS),
      note: read.possiblyEmpty(fields, "note", 2000),
      root: read.octets(fields, "root", 32),
      record: read.digest(fields, "record"),
      expiresAt: read.instant(fields, "expires_at"),
      max: read.integer(fields, "max", 1, 10_000),
      documents,
    };
  });

/** Rows of three, so that 500 documents fit a cover. */
function covered(row: Value): Covered {
  if (!Array.isArray(row) || row.length !== 3) return refuse("no row of three");
  const [document = null, record = null, size = null] = row;
  const fields: Fields = { document, record, size };
  return {
    document: read.identifier(fields, "document"),
    record: read.digest(fields, "record"),
    size: read.integer(fields, "size", 16, MAX_BODY),
  };
}

export const openEntry = (key: Uint8Array, share: string, document: string, sealed: Uint8Array): Entry =>
  open(key, ["entry", share, document], sealed, MAX_ENTRY, (fields) => ({
    name: read.text(fields, "name"),
    folder: read.possiblyEmpty(fields, "folder", 4000),
    type: read.text(fields, "type", 255),
    size: read.integer(fields, "size", 0, MAX_BODY),
    digest: read.digest(fields, "digest"),
  }));

/** The entries fit the cover: each of a listed document, with a plaintext that gives a body of the listed size. */
export function checkEntries(cover: Cover, entries: ReadonlyMap<string, Entry>): void {
  const sizes = new Map(cover.documents.map(({ document, size }) => [document, size]));
  for (const [document, entry] of entries) {
    if (sizes.get(document) !== bodySize(entry.size)) refuse("not the sender's list", INVALID);
  }
}

/** Binds a box to its kind, share and document. */
export const place = (kind: string, ...ids: readonly string[]): Bytes =>
  lp(utf8(`vault/v1/link/${kind}`), ...ids.map(utf8));

/** What a reader makes of the box's fields. */
export function open<T>(key: Uint8Array, [kind, ...ids]: [string, ...string[]], sealed: Uint8Array, limit: number, reader: (fields: Fields) => T): T {
  if (sealed.length > limit) refuse("too large", INVALID);
  try {
    const fields = parseObject(unbox(key, place(kind, ...ids), sealed), limit);
    read.integer(fields, "v", 1, 1);
    return reader(fields);
  } catch (error) {
    if (error instanceof Refusal) refuse(error.message, INVALID);
    throw error;
  }
}
