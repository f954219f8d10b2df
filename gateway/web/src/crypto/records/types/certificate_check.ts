/** The check of a certificate: a member says that her device verified it, when, and with what it had seen. */
import type { Fields } from "../encoding.ts";
import * as read from "../read.ts";
import { type Hashed, memberCommon } from "../record.ts";

export const readCertificateCheck = (fields: Fields) => ({
  ...memberCommon(fields),
  dossier: read.identifier(fields, "dossier"),
  id: read.identifier(fields, "erasure"),
  certificate: read.digest(fields, "certificate"),
  at: read.instant(fields, "at"),
});

export type CertificateCheck = ReturnType<typeof readCertificateCheck> & Hashed;
