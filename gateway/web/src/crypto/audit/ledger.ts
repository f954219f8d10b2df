/** Which tombstones of a ledger a device believes, by their evidence and by what it has seen (FORMAT.md, "Evidence"). */
import type { Fields } from "../records/encoding.ts";
import { fromJson, recordHash } from "../records/envelope.ts";
import * as read from "../records/read.ts";
import { readRecord } from "../records/record.ts";
import { DOSSIER, RETENTION, type Tombstone, readTombstone } from "../records/types/tombstone.ts";
import { type Trajectory, readTrajectory } from "../records/types/trajectory.ts";
import { Refusal } from "../refusal.ts";
import { type Warrant, checkTombstone, readEvidence, readWarrant } from "../rules/evidence.ts";
import { checkSigner } from "../rules/rights.ts";
import type { Rosters } from "../rules/rosters.ts";
import { CLOCK_SLACK } from "../rules/terms.ts";
import { type Last, checkNextSigned } from "../rules/versions.ts";

/** What a device has pinned of one dossier. */
export interface Pinned {
  readonly head: Last | null;
  /** The version of the roster that the newest index stands on, 0 before one was seen. */
  readonly indexRoster: number;
  /** The hashes of requests that were taken back. */
  readonly withdrawn: readonly string[];
  /** Each trajectory, by its id. */
  readonly terms: ReadonlyMap<string, Last>;
  /** The version of the roster that the index stands on under which they were seen. */
  readonly termsRoster: number;
}

/** What evidence permits, and what it shows of the dossier. */
interface Judged {
  readonly warrant: Warrant;
  /** The hash of each head, from version 1. */
  readonly heads: readonly string[];
  readonly trajectories: readonly Trajectory[];
}

/** A tombstone with what it stands on; null where no evidence bears it out. */
export interface Entry {
  readonly tombstone: Tombstone;
  readonly judged: Judged | null;
}

/** Every entry, its tombstone verified; a ledger that breaks off is refused. Evidence that does not hold is only none. */
export async function readLedger(items: readonly Fields[], rosters: Rosters): Promise<readonly Entry[]> {
  const found: Entry[] = [], held = new Map<string, Judged>();
  for (const item of items) {
    const envelope = fromJson(read.mapping(item, "tombstone"), "tombstone");
    await checkSigner(envelope, rosters);
    const tombstone = await readRecord(envelope, readTombstone);
    checkNextSigned(found.at(-1)?.tombstone ?? null, tombstone);
    const judged = await judge(item, rosters);
    if (judged !== null) held.set(judged.warrant.evidence, judged);
    found.push({ tombstone, judged: held.get(tombstone.evidence) ?? null });
  }
  return found;
}

async function judge(item: Fields, rosters: Rosters): Promise<Judged | null> {
  try {
    const shown = read.possibly(read.mapping, item, "evidence");
    if (shown === null) return null;
    const evidence = readEvidence(shown), warrant = await readWarrant(evidence, rosters);
    const heads = await Promise.all(evidence.heads.map(({ kind, record }) => recordHash(kind, record)));
    return { warrant, heads, trajectories: await Promise.all(evidence.trajectories.map((one) => readRecord(one, readTrajectory))) };
  } catch (error) {
    if (error instanceof Refusal) return null;
    throw error;
  }
}

/** Whether evidence bears a tombstone out, and fits what this device has seen of the dossier; `now` in seconds. */
export function isBelieved({ tombstone, judged }: Entry, rosters: Rosters, pinned: Pinned, now: number): boolean {
  if (judged === null || tombstone.at > now + CLOCK_SLACK || !fits(tombstone, judged, pinned)) return false;
  try {
    checkTombstone(judged.warrant, tombstone, rosters);
    return true;
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}

function fits({ kind, standing, reason }: Tombstone, { warrant, heads, trajectories }: Judged, pinned: Pinned): boolean {
  if (kind === DOSSIER && standing.version < pinned.indexRoster) return false;
  if (warrant.request !== null && pinned.withdrawn.includes(warrant.request)) return false;
  if (pinned.head !== null && heads[pinned.head.number - 1] !== pinned.head.hash) return false;
  return reason !== RETENTION || hasTerms(trajectories, pinned);
}

/** Every trajectory that was seen is there, as it was or newer; what is newer stands on no older roster than that. */
function hasTerms(shown: readonly Trajectory[], { terms, termsRoster }: Pinned): boolean {
  if (terms.size === 0) return true;
  const there = new Set(shown.map(({ id }) => id));
  return [...terms.keys()].every((id) => there.has(id)) && shown.every((one) => isSeenOrNewer(one, terms.get(one.id), termsRoster));
}

function isSeenOrNewer({ version, hash, standing }: Trajectory, seen: Last | undefined, roster: number): boolean {
  if (seen?.number === version && seen.hash === hash) return true;
  return standing.version >= roster && version > (seen?.number ?? 0);
}
