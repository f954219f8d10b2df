/** The restoration: a director's word that a store which was put back counts as it is now. */
import { refuse } from "../../refusal.ts";
import type { Fields } from "../encoding.ts";
import * as read from "../read.ts";
import { type Hashed, memberCommon } from "../record.ts";

const STORES = ["records", "keystore", "objects"];

function readPutBack(fields: Fields) {
  const found = {
    store: read.oneOf(fields, "store", STORES),
    has: read.integer(fields, "has", 0),
    seen: read.integer(fields, "seen", 0),
  };
  if (found.has >= found.seen) refuse("a store that others have seen no further than it is");
  return found;
}

export type PutBack = ReturnType<typeof readPutBack>;

export const readRestoration = (fields: Fields) => ({
  ...memberCommon(fields),
  stores: read.distinct("stores", read.objects(fields, "stores", STORES.length, 1).map(readPutBack), ({ store }) => store),
  reason: read.text(fields, "reason", 1000),
  at: read.instant(fields, "at"),
});

export type Restoration = ReturnType<typeof readRestoration> & Hashed;
