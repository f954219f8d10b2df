/** The documents that a certificate covers, by name: the openings in the client's copy (FORMAT.md, "Certificate file"). */
import { type Bytes, toHex } from "../bytes.ts";
import { type Metadata, readMetadata, readText } from "../dossiers/texts.ts";
import { type Fields, fromBase64url } from "../records/encoding.ts";
import { parseRecord, recordHash } from "../records/envelope.ts";
import * as read from "../records/read.ts";
import { readDocument } from "../records/types/document.ts";
import { refuse } from "../refusal.ts";

const HASH_SIZE = 32, MAX_DOCUMENTS = 100_000, MAX_PART = 131_072, MAX_LEAVES = 2 ** 23;

/** The exact bytes of a document's record, and of its text with the salt, which opens what the record commits to. */
export interface Opening {
  readonly record: Bytes;
  readonly text: Bytes;
}

/** The field `documents` of a client's copy. */
export const readOpenings = (fields: Fields): readonly Opening[] =>
  read.objects(fields, "documents", MAX_DOCUMENTS).map((each) => {
    read.only(each, "record", "text");
    const part = (name: string): Bytes => fromBase64url(read.text(each, name, MAX_PART));
    return { record: part("record"), text: part("text") };
  });

/** The field `leaves`: hashes of records. */
export function readLeaves(fields: Fields): readonly string[] {
  const bytes = fromBase64url(read.possiblyEmpty(fields, "leaves", MAX_LEAVES));
  if (bytes.length % HASH_SIZE !== 0) refuse("half a leaf");
  return Array.from({ length: bytes.length / HASH_SIZE }, (_, place) => toHex(bytes.subarray(HASH_SIZE * place, HASH_SIZE * (place + 1))));
}

/** The record's hash: the document's leaf below the certificate's root. */
export const leafOf = ({ record }: Opening): Promise<string> => recordHash("document", record);

/** What the text says, of a document of that dossier. */
export async function metadataOf({ record, text }: Opening, dossier: string): Promise<Metadata> {
  const document = readDocument(parseRecord(record, "document"));
  if (document.dossier !== dossier) refuse("a document of another dossier", "integrity");
  return readMetadata(await readText("document", text, document.metadata));
}
