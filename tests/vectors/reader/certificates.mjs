// FORMAT.md, Certificate file: what a reader finds wrong in one.
import { createHash } from "node:crypto";
import { Refused, concat, fromBase64url, lp, refuse, toHex, utf8 } from "./bytes.mjs";
import { checkTombstone, readEvidence, readWarrant } from "./evidence.mjs";
import { instant, integer } from "./fields.mjs";
import { Findings, checkPractice, envelopes, rostersOf } from "./findings.mjs";
import { parseObject } from "./json.mjs";
import { root } from "./merkle.mjs";
import { metadataOf, readOpening } from "./named_documents.mjs";
import { accept } from "./rights.mjs";
import { isActive } from "./rosters.mjs";
import { isObject, list, octets, text } from "./shapes.mjs";
import { readRecord } from "./types.mjs";

const APART = 300, LARGEST = 64 * 2 ** 20;
const FIELDS = ["v", "certificate", "tombstones", "evidence", "leaves", "rosters", "checks"], CLIENTS = ["name", "nonce", "documents"];

export const commitmentOf = (nonce, name) =>
  toHex(createHash("sha256").update(concat(utf8("vault/v1/certificate"), nonce, lp(utf8(name)))).digest());

function only(value, ...names) {
  const wanted = names.sort().join();
  return isObject(value) && Object.keys(value).sort().join() === wanted ? value : refuse("other members than it may have");
}

const envelope = (value) => only(value, "record", "signatures") && value.signatures.every((one) => only(one, "alg", "signer", "sig")) && value;

/** The parts of the file, nothing of them verified yet. */
export function readFile(bytes) {
  const fields = parseObject(bytes, LARGEST), ofClient = "name" in fields;
  only(fields, ...FIELDS, ...(ofClient ? CLIENTS : []));
  integer(fields.v, 1, 1);
  const [tombstones, rosters] = [list(envelope, 1, 500)(fields.tombstones), list(envelope, 1, 10_000)(fields.rosters)];
  const { request, heads, trajectories, policies } = only(fields.evidence, "request", "heads", "trajectories", "policies");
  for (const one of [heads, trajectories, policies]) list(envelope, 0, 1000)(one);
  if (request !== null) envelope(request);
  const checks = envelopes(list(envelope, 0, 10_000)(fields.checks), "certificate_check");
  const [certificate] = envelopes([envelope(fields.certificate)], "certificate");
  return {
    certificate, tombstones: envelopes(tombstones, "tombstone"), rosters: envelopes(rosters, "roster"),
    checks, evidence: readEvidence(fields.evidence), leaves: leavesOf(fields.leaves), copy: ofClient ? copyOf(fields) : null,
  };
}

function leavesOf(value) {
  const bytes = typeof value === "string" && value.length <= 2 ** 23 ? fromBase64url(value) : refuse("no leaves");
  if (bytes.length % 32 !== 0) refuse("half a leaf");
  return Array.from({ length: bytes.length / 32 }, (_, place) => toHex(bytes.subarray(32 * place, 32 * place + 32)));
}

const copyOf = ({ name, nonce, documents }) => ({
  name: text(200)(name), nonce: fromBase64url(octets(32)(nonce)),
  documents: list((one) => readOpening(only(one, "record", "text")), 0, 100_000)(documents),
});

/** What is found wrong, by what was looked at, and the documents that a client's copy names. */
export function verify(bytes, reader) {
  const findings = new Findings();
  const read = findings.try("file", "unreadable", () => {
    const file = readFile(bytes);
    return { file, certificate: readRecord(file.certificate), tombstones: file.tombstones.map(readRecord) };
  });
  if (read === undefined) return { found: findings.found, named: [], checked: [] };
  const { file, certificate, tombstones } = read;
  const rosters = rostersOf(findings, file.rosters);
  if (rosters !== undefined) {
    checkPractice(findings, rosters, reader);
    checkSignatures(findings, file, rosters);
    checkEvidence(findings, file.evidence, certificate, tombstones, rosters);
  }
  checkTimes(findings, certificate, tombstones, instant(reader.now));
  checkTombstones(findings, certificate, tombstones);
  checkDocuments(findings, file, certificate, tombstones);
  const named = namedBy(findings, file, certificate);
  const { copy } = file;
  if (copy !== null && commitmentOf(copy.nonce, copy.name) !== certificate.commitment) findings.add("commitment", "other_name");
  const checked = rosters === undefined ? [] : checkedBy(findings, file.checks, certificate, tombstones, rosters, instant(reader.now));
  return { found: findings.found, named, checked };
}

function checkSignatures(findings, { certificate, tombstones }, rosters) {
  findings.try("signature", "certificate_not_signed", () => accept(certificate, rosters));
  for (const one of tombstones) findings.try("signature", "tombstone_not_signed", () => accept(one, rosters));
}

function checkEvidence(findings, evidence, certificate, tombstones, rosters) {
  const permit = findings.try("evidence", "evidence_missing", () => {
    const found = readWarrant(evidence, rosters);
    for (const one of tombstones) checkTombstone(found, one, rosters);
    return found;
  });
  const same = (name) => certificate[name] === permit[name];
  if (permit !== undefined && !["erasure", "dossier", "reason"].every(same)) findings.add("evidence", "evidence_of_another");
}

function checkTimes(findings, { requested, shredded, verified, horizon, at }, tombstones, now) {
  const last = Math.max(...tombstones.map((one) => instant(one.at)));
  const times = [instant(requested), last, instant(shredded), instant(verified), instant(at)];
  if (times.some((one, place) => place > 0 && times[place - 1] > one + APART)) findings.add("times", "times_out_of_order");
  if (instant(horizon) < instant(shredded)) findings.add("times", "horizon_too_early");
  if (instant(at) > now + APART) findings.add("times", "of_the_future");
}

function checkTombstones(findings, certificate, tombstones) {
  const add = (word) => findings.add("tombstones", word);
  if (tombstones.map((one) => one.hash).sort().join() !== certificate.tombstones.join()) add("tombstones_differ");
  const { kind, dossier, reason, counts } = certificate, [{ request }] = tombstones;
  const same = (one) => one.subject.kind === kind && one.dossier === dossier && one.reason === reason && one.request === request;
  if (!tombstones.every(same)) add("tombstones_of_another");
  const subjects = new Set(tombstones.map((one) => one.subject.id));
  if (kind === "dossier" && (tombstones.length !== 1 || !subjects.has(dossier))) add("tombstones_of_another");
  if (kind !== "dossier" && (subjects.size !== tombstones.length || counts.documents !== tombstones.length)) add("tombstones_differ");
  const ledger = tombstones.slice().sort((left, right) => left.sequence - right.sequence);
  if (ledger.some((one, place) => place > 0 && !comesAfter(ledger[place - 1], one))) add("ledger_broken");
}

function comesAfter(before, after) {
  const later = instant(after.at) + APART >= instant(before.at) && after.roster.version >= before.roster.version;
  const joined = after.sequence !== before.sequence + 1 || after.previous === before.hash;
  return later && joined && after.sequence > before.sequence;
}

function checkDocuments(findings, { leaves, evidence }, certificate, tombstones) {
  const inOrder = leaves.every((one, place) => place === 0 || leaves[place - 1] < one);
  if (!inOrder || root(leaves) !== certificate.documents) return findings.add("documents", "documents_differ");
  const asked = requestedBy(evidence.request);
  const wanted = new Set(asked.size > 0 ? tombstones.map((one) => asked.get(one.subject.id)) : leaves);
  const same = wanted.size === leaves.length && leaves.every((one) => wanted.has(one));
  const counted = certificate.kind !== "dossier" || leaves.length === certificate.counts.documents;
  return same && counted ? undefined : findings.add("documents", "documents_of_another");
}

/** The hash of each document's record, by the document's id, as a request names them. */
function requestedBy(request) {
  try {
    const { documents, records } = request === null ? { documents: [] } : readRecord(request);
    return new Map((records ?? []).map((hash, place) => [documents[place], hash]));
  } catch (error) {
    if (error instanceof Refused) return new Map();
    throw error;
  }
}

/** Whose checks count: made of this certificate, after it, by who had seen its tombstones. */
function checkedBy(findings, checks, certificate, tombstones, rosters, now) {
  const found = new Map();
  for (const envelope of checks) {
    const check = findings.try("checks", "check_not_valid", () => checkOf(envelope, certificate, tombstones, rosters));
    if (check === undefined) continue;
    if (found.has(check.signer)) findings.add("checks", "checked_twice");
    else if (instant(check.at) > now + APART) findings.add("checks", "check_of_the_future");
    else found.set(check.signer, check.at);
  }
  return [...found].sort().map(([member, at]) => ({ member, at, left: !isActive(rosters.at(-1), member) }));
}

function checkOf(envelope, certificate, tombstones, rosters) {
  accept(envelope, rosters);
  const check = readRecord(envelope), { number, hash } = check.seen.ledger;
  const same = check.certificate === certificate.hash && check.erasure === certificate.erasure && check.dossier === certificate.dossier;
  if (!same) refuse("a check of another certificate");
  if (check.roster.version < certificate.roster.version || instant(check.at) + APART < instant(certificate.at)) refuse("too early");
  const unseen = ({ sequence, hash: other }) => number < sequence || (number === sequence && hash !== other);
  return tombstones.some(unseen) ? refuse("a check by who had not seen the tombstones") : { signer: envelope.fields.signer, at: check.at };
}

function namedBy(findings, { leaves, copy }, { dossier }) {
  const named = [];
  for (const opening of copy?.documents ?? []) {
    const metadata = findings.try("documents", "document_does_not_open", () => metadataOf(opening, dossier));
    if (metadata === undefined) continue;
    if (leaves.includes(opening.hash)) named.push(metadata);
    else findings.add("documents", "document_not_covered");
  }
  return named;
}
