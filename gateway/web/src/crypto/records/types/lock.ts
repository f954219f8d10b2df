/** The lock record: the key of a member's keyring, for the recovery sheet. It travels only inside an age file to it. */
import type { Fields } from "../encoding.ts";
import * as read from "../read.ts";
import { type Hashed, common } from "../record.ts";

export const readLock = (fields: Fields) => ({
  ...common(fields),
  key: read.octets(fields, "key", 32),
  at: read.instant(fields, "at"),
});

export type Lock = ReturnType<typeof readLock> & Hashed;
