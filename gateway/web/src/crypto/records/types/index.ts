/** The index of a dossier: what became current and what left, with the root of all that is. */
import { refuse } from "../../refusal.ts";
import type { Fields } from "../encoding.ts";
import * as read from "../read.ts";
import { type Hashed, memberCommon } from "../record.ts";

const MAX_ADDED = 10_000, MAX_REMOVED = 1500;

const readRemoval = (fields: Fields) => ({
  hash: read.digest(fields, "hash"),
  why: read.text(fields, "why", 32),
  by: read.text(fields, "by", 64),
});

export function readIndex(fields: Fields) {
  const found = {
    ...memberCommon(fields),
    dossier: read.identifier(fields, "dossier"),
    sequence: read.integer(fields, "sequence", 1),
    previous: read.possiblyNull(fields, "previous"),
    head: read.digest(fields, "head"),
    root: read.digest(fields, "root"),
    count: read.integer(fields, "count"),
    added: read.hexadecimals(fields, "added", 32, MAX_ADDED),
    removed: read.ascending("removed", read.objects(fields, "removed", MAX_REMOVED).map(readRemoval), ({ hash }) => hash),
    at: read.instant(fields, "at"),
  };
  const coming = new Set(found.added);
  return found.removed.some(({ hash }) => coming.has(hash)) ? refuse("an index adds what it takes out") : found;
}

/** One link. */
export type Index = ReturnType<typeof readIndex> & Hashed;
export type Removal = ReturnType<typeof readRemoval>;
