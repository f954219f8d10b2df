/** A dossier's audit chain: every hash, every link, and its cover by a signed checkpoint (FORMAT.md, "Audit file"). */
import { type Bytes, toHex } from "../bytes.ts";
import type { Findings } from "../checks.ts";
import { type Fields, fromBase64url, parseInstant } from "../records/encoding.ts";
import type { Envelope } from "../records/envelope.ts";
import * as read from "../records/read.ts";
import { readRecord } from "../records/record.ts";
import { type Checkpoint, headsDigest, leafOf, readCheckpoint } from "../records/types/checkpoint.ts";
import { Refusal, refuse } from "../refusal.ts";
import { GENESIS, type Said, detailsDigest, entryHash } from "../rules/audit_entries.ts";
import { checkSigner } from "../rules/rights.ts";
import type { Rosters } from "../rules/rosters.ts";
import { CLOCK_SLACK } from "../rules/terms.ts";
import { checkNextSigned } from "../rules/versions.ts";

/** One act, with pseudonyms only. */
export interface Entry extends Said {
  readonly hash: string;
  /** Null once they are deleted; the chain still verifies. */
  readonly details: Bytes | null;
}

export function readEntry(fields: Fields): Entry {
  if (!("details" in fields)) refuse("an entry without details, which may be null");
  const at = read.text(fields, "at");
  parseInstant(at);
  return {
    sequence: read.integer(fields, "sequence", 1),
    previous: read.digest(fields, "previous"),
    hash: read.digest(fields, "hash"),
    at,
    event: read.text(fields, "event", 64),
    actor: read.text(fields, "actor", 64),
    digest: read.digest(fields, "digest"),
    details: read.possibly((from, name) => fromBase64url(read.text(from, name, 65_536)), fields, "details"),
  };
}

/** The numbers from 1 without gaps, what each entry follows, and its hash against what it says. */
export async function checkEntries(findings: Findings, dossier: string, entries: readonly Entry[]): Promise<void> {
  const word = await faultOf(dossier, entries);
  if (word !== null) findings.add("entries", word);
}

async function faultOf(dossier: string, entries: readonly Entry[]): Promise<string | null> {
  if (entries.length === 0) return "no_entries";
  let previous = GENESIS;
  for (const [place, entry] of entries.entries()) {
    const number = place + 1;
    if (entry.sequence !== number) return entries.some(({ sequence }) => sequence === number) ? "reordered" : "missing";
    const told = entry.details === null || (await detailsDigest(entry.details)) === entry.digest;
    if (!told || (await entryHash(dossier, entry)) !== entry.hash) return "changed";
    if (entry.previous !== previous) return "not_joined";
    previous = entry.hash;
  }
  return null;
}

/** Each is signed by an installation of the practice, and follows the one before it. */
export async function checkCheckpoints(findings: Findings, envelopes: readonly Envelope[], rosters: Rosters): Promise<readonly Checkpoint[]> {
  const found = await findings.try("checkpoints", "checkpoint_not_signed", async () => {
    for (const envelope of envelopes) await checkSigner(envelope, rosters);
    return Promise.all(envelopes.map((envelope) => readRecord(envelope, readCheckpoint)));
  });
  const joined = (one: Checkpoint, place: number): boolean => place === 0 || follows(found?.[place - 1] ?? null, one);
  if (found?.every(joined) === false) findings.add("checkpoints", "checkpoint_missing");
  return found ?? [];
}

function follows(before: Checkpoint | null, one: Checkpoint): boolean {
  try {
    checkNextSigned(before, one);
    return true;
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}

/** The newest checkpoint signed a state of this chain, and all entries older than it lie before that state. */
export async function checkCovered(findings: Findings, dossier: string, entries: readonly Entry[], newest: Checkpoint, leaves: readonly Bytes[]): Promise<void> {
  if ((await headsDigest(leaves)) !== newest.heads || leaves.length !== newest.chains) {
    findings.add("covered", "leaves_differ");
    return;
  }
  const signed = new Set(leaves.map(toHex));
  let reached = 0;
  for (const { sequence, hash } of entries) if (signed.has(toHex(await leafOf(dossier, sequence, hash)))) reached = Math.max(reached, sequence);
  const older = entries.findLast(({ at }) => parseInstant(at) + CLOCK_SLACK < newest.at)?.sequence ?? 0;
  if (older > reached) findings.add("covered", reached === 0 ? "cut_or_other" : "put_in_later");
}
