// FORMAT.md, Evidence: what it permits, and what takes a request back.
import { createHash } from "node:crypto";
import { Refused, lp, refuse, toHex, utf8 } from "./bytes.mjs";
import { envelopeOf } from "./envelopes.mjs";
import { instant } from "./fields.mjs";
import { chainOf as headsOf } from "./heads.mjs";
import { accept } from "./rights.mjs";
import { isActive, rosterAt } from "./rosters.mjs";
import { list } from "./shapes.mjs";
import { destroyOn, startOf } from "./terms.mjs";
import { readRecord, standing } from "./types.mjs";

const APART = 300, BASES = ["client", "staff"];
const sha256 = (bytes) => toHex(createHash("sha256").update(bytes).digest());
const refuseEvidence = (why) => refuse(why, "evidence_invalid");

/** The evidence of a ledger or a file, nothing of it verified yet. */
export function readEvidence(value) {
  const envelopes = (name, kind) => list((one) => envelopeOf(one, kind), 0, 1000)(value[name]);
  return {
    request: (value.request ?? null) === null ? null : envelopeOf(value.request, "erasure"),
    heads: envelopes("heads", "dossier"),
    trajectories: envelopes("trajectories", "trajectory"),
    policies: envelopes("policies", "policy"),
  };
}

const all = ({ request, heads, trajectories, policies }) => [...(request === null ? [] : [request]), ...heads, ...trajectories, ...policies];

export const digestOf = (evidence) => sha256(lp(utf8("vault/v1/evidence"), ...all(evidence).map(({ hash }) => utf8(hash))));

export const retentionId = (dossier) => sha256(utf8(`vault/v1/retention${dossier}`)).slice(0, 32);

/** What verified evidence permits; a record in it that cannot be read makes it none. */
export function readWarrant(evidence, rosters) {
  try {
    return warrant(evidence, rosters);
  } catch (error) {
    if (error instanceof Refused && error.word === "record_invalid") return refuseEvidence(error.message);
    throw error;
  }
}

function warrant(evidence, rosters) {
  if (evidence.heads.length === 0) refuseEvidence("no head");
  const heads = headsOf(evidence.heads, rosters), { dossier } = heads.at(-1);
  const roster = Math.max(...all(evidence).map(({ fields }) => standing(fields.roster).version));
  const common = { evidence: digestOf(evidence), roster };
  if (evidence.request === null) {
    const day = dueOf(evidence, rosters, heads) ?? refuseEvidence("no term");
    const from = instant(startOf(day));
    return { ...common, erasure: retentionId(dossier), dossier, reason: "retention", request: null, documents: [], from };
  }
  if (evidence.trajectories.length + evidence.policies.length > 0) refuseEvidence("a request and terms");
  accept(evidence.request, rosters, heads);
  const { erasure, basis, documents, signer, not_before: from, expires } = readRecord(evidence.request);
  if (!BASES.includes(basis)) refuseEvidence("an unknown basis");
  const asked = { erasure, dossier, reason: basis, request: evidence.request.hash, documents, signer };
  return { ...common, ...asked, from: instant(from), expires: instant(expires) };
}

function dueOf({ trajectories, policies }, rosters, heads) {
  const months = new Map();
  for (const envelope of policies) {
    accept(envelope, rosters);
    months.set(envelope.hash, readRecord(envelope).retention);
  }
  const terms = new Map();
  for (const envelope of trajectories) {
    accept(envelope, rosters, heads);
    const { trajectory, end, policy, at, grace } = readRecord(envelope);
    if (!months.has(policy) || terms.has(trajectory)) refuseEvidence("under no policy, or a trajectory twice");
    terms.set(trajectory, { end, at, grace, months: months.get(policy)[heads.at(-1).kind] });
  }
  const open = [...terms.values()].some((one) => one.months === undefined);
  return open ? null : destroyOn([...terms.values()]);
}

/** Refuses a tombstone that the warrant does not permit. */
export function checkTombstone(permit, tombstone, rosters) {
  const { subject, dossier, reason, request, evidence, at, roster } = tombstone;
  const said = [evidence, dossier, reason, request], stated = [permit.evidence, permit.dossier, permit.reason, permit.request];
  if (JSON.stringify(said) !== JSON.stringify(stated)) refuseEvidence("another evidence, dossier, reason or request");
  const whole = permit.documents.length === 0;
  const covered = whole ? subject.kind === "dossier" && subject.id === dossier : subject.kind === "document" && permit.documents.includes(subject.id);
  if (!covered) refuseEvidence("another subject");
  if (roster.version < permit.roster) refuseEvidence("an older roster than its evidence");
  if (permit.signer !== undefined && !isActive(rosterAt(rosters, roster), permit.signer)) refuseEvidence("who asked has left");
  if (instant(at) < permit.from - APART) refuseEvidence("before its day");
  if (permit.expires !== undefined && instant(at) > permit.expires) refuseEvidence("the request had expired");
}

export const takesBack = (request, withdrawal) =>
  request.basis === "staff" && withdrawal.request === request.hash && withdrawal.erasure === request.erasure && withdrawal.dossier === request.dossier;
