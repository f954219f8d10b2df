/** Chains of records: each holds the next number, and the hash of the one before (FORMAT.md, "Who may sign"). */
import type { Standing } from "../records/standing.ts";
import type { DocumentRecord } from "../records/types/document.ts";
import type { Intent } from "../records/types/intent.ts";
import { refuse } from "../refusal.ts";

/** The end of a chain: number and hash of its newest record. */
export interface Last {
  readonly number: number;
  readonly hash: string;
}

/** Refuses what is not the next after `last`, or the first where nothing came before. */
export function checkNext(last: Last | null, number: number, previous: string | null): void {
  if (number !== (last === null ? 1 : last.number + 1) || previous !== (last === null ? null : last.hash)) conflict("it does not follow");
}

/** A tombstone or checkpoint. */
export interface SignedEntry {
  readonly sequence: number;
  readonly previous: string | null;
  readonly hash: string;
  readonly standing: Standing;
}

/** Likewise for tombstones and checkpoints: none stands on an older roster than the one before it. */
export function checkNextSigned(before: SignedEntry | null, next: SignedEntry): void {
  if (before !== null && next.standing.version < before.standing.version) conflict("an older roster than the one before");
  checkNext(before === null ? null : { number: before.sequence, hash: before.hash }, next.sequence, next.previous);
}

/** Refuses a document that is no first version, and does not follow `last` in the same dossier and series. */
export function checkNextDocument(last: DocumentRecord | null, next: DocumentRecord | Intent): void {
  if (next.previous === null) return;
  if (last?.hash !== next.previous || last.dossier !== next.dossier || last.series !== next.series) conflict("another version or series");
}

function conflict(why: string): never {
  return refuse(why, "conflict");
}
