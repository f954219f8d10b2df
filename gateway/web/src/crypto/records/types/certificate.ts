/** The certificate of destruction: what was destroyed, how and when, and the date by which all backups expire too. */
import type { Fields } from "../encoding.ts";
import * as read from "../read.ts";
import { type Hashed, common } from "../record.ts";

const readCounts = (fields: Fields) => ({
  documents: read.integer(fields, "documents"),
  shares: read.integer(fields, "shares"),
  objects: read.integer(fields, "objects"),
  bytes: read.integer(fields, "bytes"),
  keys: read.integer(fields, "keys"),
});

export const readCertificate = (fields: Fields) => ({
  ...common(fields),
  id: read.identifier(fields, "erasure"),
  kind: read.word(fields, "kind"),
  dossier: read.identifier(fields, "dossier"),
  reason: read.word(fields, "reason"),
  commitment: read.digest(fields, "commitment"),
  documents: read.digest(fields, "documents"),
  tombstones: read.hexadecimals(fields, "tombstones", 32, 500, 1),
  counts: readCounts(read.mapping(fields, "counts")),
  requested: read.instant(fields, "requested"),
  shredded: read.instant(fields, "shredded"),
  verified: read.instant(fields, "verified"),
  horizon: read.instant(fields, "horizon"),
  method: read.text(fields, "method", 1000),
  at: read.instant(fields, "at"),
});

export type Certificate = ReturnType<typeof readCertificate> & Hashed;
