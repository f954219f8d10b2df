/** The tombstone: the installation's statement that a subject is erased for good, and the reason. */
import { sha256, toHex, utf8 } from "../../bytes.ts";
import { refuse } from "../../refusal.ts";
import type { Fields } from "../encoding.ts";
import * as read from "../read.ts";
import { type Hashed, common } from "../record.ts";

export const RETENTION = "retention", DOSSIER = "dossier", DOCUMENT = "document";
export const REASONS: readonly string[] = [RETENTION, "client", "staff"];
export const SUBJECTS: readonly string[] = [DOSSIER, DOCUMENT];

/** The id of a dossier's erasure by retention: derived, so that there is one, and members find it. */
export const retentionId = async (dossier: string): Promise<string> =>
  toHex((await sha256(utf8(`vault/v1/retention${dossier}`))).subarray(0, 16));

export function readTombstone(fields: Fields) {
  const subject = read.mapping(fields, "subject");
  const found = {
    ...common(fields),
    kind: read.word(subject, "kind"),
    subject: read.identifier(subject, "id"),
    dossier: read.identifier(fields, "dossier"),
    reason: read.word(fields, "reason"),
    request: read.possiblyNull(fields, "request"),
    evidence: read.digest(fields, "evidence"),
    sequence: read.integer(fields, "sequence", 1),
    previous: read.possiblyNull(fields, "previous"),
    at: read.instant(fields, "at"),
  };
  const both = REASONS.includes(found.reason) && (found.reason === RETENTION) !== (found.request === null);
  return both ? refuse("it answers a request, or the term had passed, and not both") : found;
}

/** One entry of the ledger. */
export type Tombstone = ReturnType<typeof readTombstone> & Hashed;
