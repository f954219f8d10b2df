/** The wrap record: a dossier's identity for one grantee. It is sent only inside an age file to that grantee. */
import type { Fields } from "../encoding.ts";
import * as read from "../read.ts";
import { type Hashed, common } from "../record.ts";

export const readWrap = (fields: Fields) => ({
  ...common(fields),
  dossier: read.identifier(fields, "dossier"),
  epoch: read.integer(fields, "epoch", 1),
  identity: read.octets(fields, "identity", 32),
  grantee: read.identifier(fields, "grantee"),
  at: read.instant(fields, "at"),
});

export type Wrap = ReturnType<typeof readWrap> & Hashed;
