/**
 * The certificate of destruction as a file, verifiable offline (FORMAT.md, "Certificate file").
 *
 * The client's copy opens the commitments to her name and to her documents; all else is signed, or digested by what is
 * signed, from the first roster on.
 */
import type { Bytes } from "../bytes.ts";
import { Findings } from "../checks.ts";
import type { Metadata } from "../dossiers/texts.ts";
import { type Reader, checkPractice } from "../people/known_practice.ts";
import { type Fields, parseObject } from "../records/encoding.ts";
import { type Envelope, fromJson } from "../records/envelope.ts";
import * as read from "../records/read.ts";
import { readRecord } from "../records/record.ts";
import { type Certificate, readCertificate } from "../records/types/certificate.ts";
import { certificateCommitment } from "../records/types/profile.ts";
import { DOSSIER, type Tombstone, readTombstone } from "../records/types/tombstone.ts";
import { Refusal } from "../refusal.ts";
import { type Evidence, checkTombstone, readEvidence, readWarrant, requestedRecords } from "../rules/evidence.ts";
import { root } from "../rules/merkle.ts";
import { checkSigner } from "../rules/rights.ts";
import { Rosters } from "../rules/rosters.ts";
import { CLOCK_SLACK } from "../rules/terms.ts";
import { type Checked, findChecks } from "./certificate_checks.ts";
import { type Opening, leafOf, metadataOf, readLeaves, readOpenings } from "./named_documents.ts";

const MAX_FILE = 64 * 2 ** 20;
const FIELDS = ["v", "certificate", "tombstones", "evidence", "leaves", "rosters", "checks"], CLIENTS = ["name", "nonce", "documents"];

/** What only the client's copy has. */
interface Copy {
  readonly name: string;
  readonly nonce: Bytes;
  readonly documents: readonly Opening[];
}

export interface CertificateFile {
  readonly certificate: Envelope;
  readonly tombstones: readonly Envelope[];
  readonly evidence: Evidence;
  readonly leaves: readonly string[];
  readonly rosters: readonly Envelope[];
  readonly checks: readonly Envelope[];
  readonly copy: Copy | null;
}

/** The file's parts, nothing of them verified yet. */
export function parseCertificate(bytes: Uint8Array): CertificateFile {
  const fields = parseObject(bytes, MAX_FILE), ofClient = "name" in fields;
  read.only(fields, ...FIELDS, ...(ofClient ? CLIENTS : []));
  read.integer(fields, "v", 1, 1);
  const all = (name: string, kind: string, most: number, least = 0) => read.objects(fields, name, most, least).map((each) => envelope(each, kind));
  return {
    certificate: envelope(read.mapping(fields, "certificate"), "certificate"),
    tombstones: all("tombstones", "tombstone", 500, 1),
    evidence: evidence(read.mapping(fields, "evidence")),
    leaves: readLeaves(fields),
    rosters: all("rosters", "roster", 10_000, 1),
    checks: all("checks", "certificate_check", 10_000),
    copy: ofClient ? { name: read.text(fields, "name", 200), nonce: read.octets(fields, "nonce", 32), documents: readOpenings(fields) } : null,
  };
}

function envelope(fields: Fields, kind: string): Envelope {
  checkEnvelope(fields);
  return fromJson(fields, kind);
}

function checkEnvelope(fields: Fields): void {
  read.only(fields, "record", "signatures");
  for (const one of read.objects(fields, "signatures", 8)) read.only(one, "alg", "signer", "sig");
}

function evidence(fields: Fields): Evidence {
  read.only(fields, "request", "heads", "trajectories", "policies");
  if (fields["request"] !== null) checkEnvelope(read.mapping(fields, "request"));
  for (const name of ["heads", "trajectories", "policies"]) read.objects(fields, name, 1000).forEach(checkEnvelope);
  return readEvidence(fields);
}

export interface Verdict {
  /** The word of each fault, by what was looked at. */
  readonly found: ReadonlyMap<string, string>;
  /** What the file states; null where it cannot be read. Nothing of it holds while something was found. */
  readonly certificate: Certificate | null;
  /** The documents that the client's copy names, and that the certificate covers. */
  readonly documents: readonly Metadata[];
  readonly checked: readonly Checked[];
}

type Signed = readonly [Certificate, readonly Tombstone[]];

/** Looks at the whole file; `now` in seconds. Never refuses: faults are in the verdict. */
export async function verifyCertificate(bytes: Uint8Array, reader: Reader, now: number): Promise<Verdict> {
  const findings = new Findings();
  const file = await findings.try("file", "unreadable", () => parseCertificate(bytes));
  const signed = file && (await findings.try("file", "unreadable", () => readSigned(file)));
  if (file === null || signed === null) return { found: findings.found, certificate: null, documents: [], checked: [] };
  const rosters = await findings.try("rosters", "rosters_broken", () => Rosters.of(file.rosters));
  if (rosters !== null) {
    await checkPractice(findings, rosters, reader);
    await checkSignatures(findings, file, rosters);
    await checkEvidence(findings, file.evidence, signed, rosters);
  }
  checkTimes(findings, signed, now);
  checkTombstones(findings, signed);
  await checkDocuments(findings, file, signed);
  const documents = await named(findings, file, signed[0]);
  await checkCommitment(findings, file.copy, signed[0]);
  const checked = rosters === null ? [] : await findChecks(findings, file.checks, signed, rosters, now);
  return { found: findings.found, certificate: signed[0], documents, checked };
}

const readSigned = async ({ certificate, tombstones }: CertificateFile): Promise<Signed> =>
  [await readRecord(certificate, readCertificate), await Promise.all(tombstones.map((one) => readRecord(one, readTombstone)))];

async function checkSignatures(findings: Findings, { certificate, tombstones }: CertificateFile, rosters: Rosters): Promise<void> {
  await findings.try("signature", "certificate_not_signed", () => checkSigner(certificate, rosters));
  for (const one of tombstones) await findings.try("signature", "tombstone_not_signed", () => checkSigner(one, rosters));
}

/** What was destroyed had to be: somebody who may ask for it asked, or its term was over. */
async function checkEvidence(findings: Findings, shown: Evidence, [certificate, tombstones]: Signed, rosters: Rosters): Promise<void> {
  const warrant = await findings.try("evidence", "evidence_missing", async () => {
    const found = await readWarrant(shown, rosters);
    for (const one of tombstones) checkTombstone(found, one, rosters);
    return found;
  });
  if (warrant === null) return;
  const same = certificate.id === warrant.erasure && certificate.dossier === warrant.dossier && certificate.reason === warrant.reason;
  if (!same) findings.add("evidence", "evidence_of_another");
}

function checkTimes(findings: Findings, [{ requested, shredded, verified, horizon, at }, tombstones]: Signed, now: number): void {
  const times = [requested, Math.max(...tombstones.map((one) => one.at)), shredded, verified, at];
  if (times.some((time, place) => (times[place - 1] ?? time) > time + CLOCK_SLACK)) findings.add("times", "times_out_of_order");
  if (horizon < shredded) findings.add("times", "horizon_too_early");
  if (at > now + CLOCK_SLACK) findings.add("times", "of_the_future");
}

/** These are the certificate's tombstones, of one erasure, at their places in one ledger. */
function checkTombstones(findings: Findings, [certificate, tombstones]: Signed): void {
  const add = (word: string): void => findings.add("tombstones", word);
  const { kind, dossier, reason, counts } = certificate, request = tombstones[0]?.request;
  if (tombstones.map(({ hash }) => hash).sort().join() !== certificate.tombstones.join()) add("tombstones_differ");
  if (tombstones.some((one) => one.kind !== kind || one.dossier !== dossier || one.reason !== reason || one.request !== request)) add("tombstones_of_another");
  const subjects = new Set(tombstones.map(({ subject }) => subject));
  if (kind === DOSSIER && (tombstones.length !== 1 || !subjects.has(dossier))) add("tombstones_of_another");
  if (kind !== DOSSIER && (subjects.size !== tombstones.length || counts.documents !== tombstones.length)) add("tombstones_differ");
  const ledger = [...tombstones].sort((left, right) => left.sequence - right.sequence);
  if (ledger.some((one, place) => !comesAfter(ledger[place - 1], one))) add("ledger_broken");
}

function comesAfter(before: Tombstone | undefined, one: Tombstone): boolean {
  if (before === undefined) return true;
  const later = one.sequence > before.sequence && one.at + CLOCK_SLACK >= before.at && one.standing.version >= before.standing.version;
  return later && (one.sequence !== before.sequence + 1 || one.previous === before.hash);
}

/** The leaves are what the certificate has the root of, and of single documents those that the request names. */
async function checkDocuments(findings: Findings, { leaves, evidence: shown }: CertificateFile, [certificate, tombstones]: Signed): Promise<void> {
  const ascending = leaves.every((leaf, place) => (leaves[place - 1] ?? "") < leaf);
  if (!ascending || (await root(leaves)) !== certificate.documents) {
    findings.add("documents", "documents_differ");
    return;
  }
  const asked = requested(shown);
  const wanted = new Set(asked.size > 0 ? tombstones.map(({ subject }) => asked.get(subject)) : leaves);
  const same = wanted.size === leaves.length && leaves.every((leaf) => wanted.has(leaf));
  const counted = certificate.kind !== DOSSIER || leaves.length === certificate.counts.documents;
  if (!same || !counted) findings.add("documents", "documents_of_another");
}

/** Nothing where the request cannot be read: that is a fault of the evidence. */
function requested(shown: Evidence): ReadonlyMap<string, string> {
  try {
    return requestedRecords(shown);
  } catch (error) {
    if (error instanceof Refusal) return new Map();
    throw error;
  }
}

/** The documents that the client's copy opens; one that does not open, or is not covered, is a fault. */
async function named(findings: Findings, { leaves, copy }: CertificateFile, { dossier }: Certificate): Promise<readonly Metadata[]> {
  const covered = new Set(leaves), found: Metadata[] = [];
  for (const opening of copy?.documents ?? []) {
    const metadata = await findings.try("documents", "document_does_not_open", () => metadataOf(opening, dossier));
    if (metadata === null) continue;
    if (covered.has(await leafOf(opening))) found.push(metadata);
    else findings.add("documents", "document_not_covered");
  }
  return found;
}

async function checkCommitment(findings: Findings, copy: Copy | null, { commitment }: Certificate): Promise<void> {
  if (copy !== null && (await certificateCommitment(copy.nonce, copy.name)) !== commitment) findings.add("commitment", "other_name");
}
