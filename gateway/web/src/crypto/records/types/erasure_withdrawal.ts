/** The withdrawal of an erasure request: from here on it is no warrant any more. */
import type { Fields } from "../encoding.ts";
import * as read from "../read.ts";
import { type Hashed, memberCommon } from "../record.ts";

export const readErasureWithdrawal = (fields: Fields) => ({
  ...memberCommon(fields),
  dossier: read.identifier(fields, "dossier"),
  id: read.identifier(fields, "erasure"),
  request: read.digest(fields, "request"),
  at: read.instant(fields, "at"),
});

export type ErasureWithdrawal = ReturnType<typeof readErasureWithdrawal> & Hashed;
