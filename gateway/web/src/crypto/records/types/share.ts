/** The share record: a link's documents, its number of pick-ups, its expiry. */
import type { Fields } from "../encoding.ts";
import * as read from "../read.ts";
import { type Hashed, memberCommon } from "../record.ts";

export const COPY = "copy", DISCLOSURE = "disclosure";
export const KINDS: readonly string[] = [COPY, DISCLOSURE, "review", "drop", "client"];
export const MODES: readonly string[] = ["plain", "passphrase", "locator"];

const readShared = (fields: Fields) => ({ id: read.identifier(fields, "document"), hash: read.digest(fields, "record") });

export const readShare = (fields: Fields) => ({
  ...memberCommon(fields),
  dossier: read.identifier(fields, "dossier"),
  id: read.identifier(fields, "share"),
  kind: read.word(fields, "kind"),
  documents: read.distinct("documents", read.objects(fields, "documents", 500).map(readShared), ({ id }) => id),
  expiresAt: read.instant(fields, "expires_at"),
  max: read.integer(fields, "max", 1, 10_000),
  consent: read.possiblyNull(fields, "consent"),
  mode: read.word(fields, "mode"),
  key: read.octets(fields, "key", 32),
  possess: read.octets(read.mapping(fields, "proofs"), "possess", 32),
  open: read.octets(read.mapping(fields, "proofs"), "open", 32),
  text: read.digest(fields, "text"),
  at: read.instant(fields, "at"),
});

export type Share = ReturnType<typeof readShare> & Hashed;
