/** Whether a member's check of a certificate counts (FORMAT.md, "Who may sign"). */
import type { Envelope } from "../records/envelope.ts";
import { readRecord } from "../records/record.ts";
import type { Certificate } from "../records/types/certificate.ts";
import { type CertificateCheck, readCertificateCheck } from "../records/types/certificate_check.ts";
import type { Tombstone } from "../records/types/tombstone.ts";
import { refuse } from "../refusal.ts";
import { checkMember } from "./rights.ts";
import type { Rosters } from "./rosters.ts";
import { CLOCK_SLACK } from "./terms.ts";

/** The check: of this very certificate, made after it, by a device that had seen its tombstones in the ledger. */
export async function countedCheck(envelope: Envelope, certificate: Certificate, tombstones: readonly Tombstone[], rosters: Rosters): Promise<CertificateCheck> {
  await checkMember(envelope, rosters);
  const check = await readRecord(envelope, readCertificateCheck), { number, hash } = check.seen.ledger;
  if (check.certificate !== certificate.hash || check.id !== certificate.id || check.dossier !== certificate.dossier) wrong("of another certificate");
  if (check.standing.version < certificate.standing.version || check.at + CLOCK_SLACK < certificate.at) wrong("from before its certificate");
  const unseen = (one: Tombstone): boolean => number < one.sequence || (number === one.sequence && hash !== one.hash);
  if (tombstones.some(unseen)) wrong("by a device that had not seen the tombstones");
  return check;
}

function wrong(why: string): never {
  return refuse(why, "signature_invalid");
}
