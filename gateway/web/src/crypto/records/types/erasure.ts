/** The erasure request: the requester, the dossier or its documents to erase, and the basis. */
import { refuse } from "../../refusal.ts";
import type { Fields } from "../encoding.ts";
import * as read from "../read.ts";
import { type Hashed, memberCommon } from "../record.ts";

export const CLIENT = "client", STAFF = "staff";
export const BASES: readonly string[] = [CLIENT, STAFF];
const MAX_DOCUMENTS = 500, LONGEST_LIFE = 366 * 86_400;

const hashes = (fields: Fields, name: string): readonly string[] =>
  read.items(fields, name, MAX_DOCUMENTS).map((hash) => read.digest({ hash }, "hash"));

export function readErasure(fields: Fields) {
  const found = {
    ...memberCommon(fields),
    dossier: read.identifier(fields, "dossier"),
    id: read.identifier(fields, "erasure"),
    documents: read.hexadecimals(fields, "documents", 16, MAX_DOCUMENTS),
    records: read.possibly(hashes, fields, "records") ?? [],
    basis: read.word(fields, "basis"),
    notBefore: read.instant(fields, "not_before"),
    expires: read.instant(fields, "expires"),
    at: read.instant(fields, "at"),
  };
  const life = found.expires - found.notBefore;
  if (found.records.length > 0 && found.records.length !== found.documents.length) refuse("not one record for every document");
  return life > 0 && life <= LONGEST_LIFE ? found : refuse("a warrant for no time, or for more than a year");
}

export type Erasure = ReturnType<typeof readErasure> & Hashed;
