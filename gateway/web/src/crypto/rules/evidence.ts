/**
 * The evidence that a tombstone stands on, and what it permits (FORMAT.md, "Evidence").
 *
 * Either somebody who may ask for it asked, or a term is over; the heads prove who held the dossier.
 */
import { lp, sha256, toHex, utf8 } from "../bytes.ts";
import { type Fields, parseInstant } from "../records/encoding.ts";
import { type Envelope, fromJson, recordHash } from "../records/envelope.ts";
import * as read from "../records/read.ts";
import { readRecord } from "../records/record.ts";
import { readStanding } from "../records/standing.ts";
import { BASES, STAFF, type Erasure, readErasure } from "../records/types/erasure.ts";
import type { ErasureWithdrawal } from "../records/types/erasure_withdrawal.ts";
import { readPolicy } from "../records/types/policy.ts";
import { isActive } from "../records/types/roster.ts";
import { DOCUMENT, DOSSIER, RETENTION, type Tombstone, retentionId } from "../records/types/tombstone.ts";
import { readTrajectory } from "../records/types/trajectory.ts";
import { Refusal, refuse } from "../refusal.ts";
import { Heads, checkSigner } from "./rights.ts";
import type { Rosters } from "./rosters.ts";
import { CLOCK_SLACK, type Term, destroyOn, startOf } from "./terms.ts";

const MAX_PARTS = 1000;

/** Nothing of it is verified yet. */
export interface Evidence {
  readonly request: Envelope | null;
  readonly heads: readonly Envelope[];
  readonly trajectories: readonly Envelope[];
  readonly policies: readonly Envelope[];
}

export function readEvidence(fields: Fields): Evidence {
  const all = (name: string, kind: string) => read.objects(fields, name, MAX_PARTS).map((each) => fromJson(each, kind));
  const request = read.possibly(read.mapping, fields, "request");
  return {
    request: request && fromJson(request, "erasure"),
    heads: all("heads", "dossier"),
    trajectories: all("trajectories", "trajectory"),
    policies: all("policies", "policy"),
  };
}

const envelopesOf = ({ request, heads, trajectories, policies }: Evidence): readonly Envelope[] =>
  [...(request === null ? [] : [request]), ...heads, ...trajectories, ...policies];

/** What a tombstone says of its evidence. */
export async function digestOf(evidence: Evidence): Promise<string> {
  const hashes = await Promise.all(envelopesOf(evidence).map(({ kind, record }) => recordHash(kind, record)));
  return toHex(await sha256(lp(utf8("vault/v1/evidence"), ...hashes.map(utf8))));
}

/** What verified evidence permits: which erasure of which subjects, for which reason, from when until when. */
export interface Warrant {
  readonly evidence: string;
  readonly erasure: string;
  readonly dossier: string;
  readonly reason: string;
  readonly request: string | null;
  /** Who asked; null for retention. */
  readonly signer: string | null;
  /** None of them: the whole dossier. */
  readonly documents: readonly string[];
  readonly notBefore: number;
  readonly expires: number | null;
  /** The version of the newest roster that anything in the evidence stands on. */
  readonly roster: number;
}

/** Every record in it verified; one that cannot be read makes it none. */
export async function readWarrant(evidence: Evidence, rosters: Rosters): Promise<Warrant> {
  try {
    return await verified(evidence, rosters);
  } catch (error) {
    if (error instanceof Refusal && error.word === "record_invalid") none(error.message);
    throw error;
  }
}

async function verified(evidence: Evidence, rosters: Rosters): Promise<Warrant> {
  const { request, trajectories, policies } = evidence;
  if (evidence.heads.length === 0) none("no head of a dossier");
  const heads = await Heads.of(evidence.heads, rosters), { id: dossier } = heads.newest;
  if (request === null) {
    const day = (await dueOf(evidence, rosters, heads)) ?? none("the term has not begun");
    const erasure = await retentionId(dossier), notBefore = parseInstant(startOf(day));
    return { ...(await common(evidence)), erasure, dossier, reason: RETENTION, request: null, signer: null, documents: [], notBefore, expires: null };
  }
  if (trajectories.length + policies.length > 0) none("a request and terms");
  await checkSigner(request, rosters, heads);
  const { id: erasure, basis: reason, documents, signer, notBefore, expires, hash } = await readRecord(request, readErasure);
  if (!BASES.includes(reason)) none("an unknown basis");
  return { ...(await common(evidence)), erasure, dossier, reason, request: hash, signer, documents, notBefore, expires };
}

const common = async (evidence: Evidence) => ({
  evidence: await digestOf(evidence),
  roster: Math.max(...envelopesOf(evidence).map(({ fields }) => readStanding(fields).version)),
});

/** The day of destruction that trajectories and policies give; null while one goes on. */
async function dueOf({ trajectories, policies }: Evidence, rosters: Rosters, heads: Heads): Promise<string | null> {
  const months = new Map<string, Readonly<Record<string, number>>>(), terms = new Map<string, Term>();
  for (const envelope of policies) {
    await checkSigner(envelope, rosters);
    const policy = await readRecord(envelope, readPolicy);
    months.set(policy.hash, policy.months);
  }
  for (const envelope of trajectories) {
    await checkSigner(envelope, rosters, heads);
    const { id, policy, end, at, grace } = readTrajectory(envelope.fields);
    const given = months.get(policy) ?? none("a trajectory under no policy");
    if (terms.has(id)) none("a trajectory twice");
    const { kind } = heads.newest;
    terms.set(id, { end, at, grace, months: Object.hasOwn(given, kind) ? (given[kind] ?? null) : null });
  }
  return destroyOn([...terms.values()]);
}

/** Refuses a tombstone that the warrant does not permit at its time. */
export function checkTombstone(warrant: Warrant, tombstone: Tombstone, rosters: Rosters): void {
  const { evidence, dossier, reason, request, standing, at } = tombstone;
  const same = evidence === warrant.evidence && dossier === warrant.dossier && reason === warrant.reason && request === warrant.request;
  if (!same) none("a tombstone says something else than its evidence");
  if (!covers(warrant, tombstone)) none("a tombstone of what nobody asked to be destroyed");
  if (standing.version < warrant.roster) none("a tombstone on an older roster than its evidence");
  if (warrant.signer !== null && !isActive(rosters.at(standing), warrant.signer)) none("who asked has left");
  if (at + CLOCK_SLACK < warrant.notBefore) none("before its day");
  if (warrant.expires !== null && at > warrant.expires) none("the request had expired");
}

const covers = ({ documents, dossier }: Warrant, { kind, subject }: Tombstone): boolean =>
  documents.length > 0 ? kind === DOCUMENT && documents.includes(subject) : kind === DOSSIER && subject === dossier;

/** Whether a withdrawal takes the request back; the signatures of both were verified before. */
export const takesBack = (withdrawal: ErasureWithdrawal, request: Erasure): boolean =>
  request.basis === STAFF && withdrawal.request === request.hash && withdrawal.id === request.id && withdrawal.dossier === request.dossier;

/** The record's hash of each document that the request names, by the document's id. */
export function requestedRecords({ request }: Evidence): ReadonlyMap<string, string> {
  if (request === null) return new Map();
  const { documents, records } = readErasure(request.fields);
  return new Map(records.map((hash, place) => [documents[place] ?? "", hash]));
}

function none(why: string): never {
  return refuse(why, "evidence_invalid");
}
