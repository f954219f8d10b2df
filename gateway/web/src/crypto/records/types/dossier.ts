/** The dossier record: the identity that a dossier is encrypted to, and its grantees. */
import type { Fields } from "../encoding.ts";
import * as read from "../read.ts";
import { type Hashed, memberCommon } from "../record.ts";

export const KINDS: readonly string[] = ["client", "commissioner"];
export const HOLDER = "holder";

const readGrantee = (fields: Fields) => ({ id: read.identifier(fields, "id"), role: read.word(fields, "role") });

export const readDossier = (fields: Fields) => ({
  ...memberCommon(fields),
  id: read.identifier(fields, "dossier"),
  version: read.integer(fields, "version", 1),
  epoch: read.integer(fields, "epoch", 1),
  previous: read.possiblyNull(fields, "previous"),
  kind: read.word(fields, "kind"),
  suite: read.text(fields, "suite", 32),
  recipient: read.text(fields, "recipient", 4000),
  grantees: read.ascending("grantees", read.objects(fields, "grantees", 1000, 1).map(readGrantee), ({ id }) => id),
  index: read.possiblyNull(fields, "index"),
  at: read.instant(fields, "at"),
});

/** One version of a dossier's head. */
export type Dossier = ReturnType<typeof readDossier> & Hashed;

/** Whether she may sign what belongs to the dossier; a role that this software does not know gives no right. */
export const isHolder = ({ grantees }: Dossier, id: string): boolean => grantees.some((one) => one.id === id && one.role === HOLDER);
