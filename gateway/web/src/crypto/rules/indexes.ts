/** How one index of a dossier follows another: what it may add, what may leave and why (FORMAT.md, "The index"). */
import { parseInstant } from "../records/encoding.ts";
import { factsOf } from "../records/table.ts";
import { isHolder } from "../records/types/dossier.ts";
import type { Index, Removal } from "../records/types/index.ts";
import { Refusal, refuse } from "../refusal.ts";
import { root } from "./merkle.ts";
import type { Heads } from "./rights.ts";

/** A record that an index adds or takes out: its type, what it is about, and how it may have ended. */
export interface Known {
  readonly type: string;
  readonly subject: string;
  readonly pending: boolean;
  /** Of a share. */
  readonly revoked: boolean;
  readonly expiresAt: number | null;
  /** Those that say that a document was erased. */
  readonly tombstones: readonly string[];
  /** Of a profile or trajectory; `roster` is the version of the one it stands on. */
  readonly version: number;
  readonly previous: string | null;
  readonly roster: number;
}

/** All that the index lists, ascending; refused where it may not follow one that lists `before`. */
export async function follow(index: Index, before: readonly string[], known: ReadonlyMap<string, Known>, now: number): Promise<readonly string[]> {
  for (const hash of index.added) checkComing(hash, known.get(hash), index);
  for (const removal of index.removed) {
    const gone = known.get(removal.hash) ?? refuse("what goes is not there", "record_unknown");
    if (!leaves(removal, gone, index, known, now)) refuse("no reason that holds", "record_left_out");
  }
  return listedAfter(index, before);
}

/** Refuses a link that takes out something without a reason that holds, by what is known of it. */
export function checkReasons(index: Index, known: ReadonlyMap<string, Known>, now: number): void {
  for (const removal of index.removed) {
    const gone = known.get(removal.hash);
    if (gone === undefined || !leaves(removal, gone, index, known, now)) refuse("no reason that holds", "record_left_out");
  }
}

/** The same without the reasons: all that the index lists, given what the one before listed. */
export async function listedAfter(index: Index, before: readonly string[]): Promise<readonly string[]> {
  const listed = new Set(before);
  const come = index.added.some((hash) => listed.has(hash));
  for (const { hash } of index.removed) if (!listed.delete(hash)) refuse("what goes is not listed", "record_unknown");
  if (come) refuse("what comes is listed", "conflict");
  return checkRoot(index, [...listed, ...index.added]);
}

/** All that the index before listed, given what this one lists; whether the one before says so is `checkRoot`'s. */
export function listedBefore(index: Index, after: readonly string[]): readonly string[] {
  const listed = new Set(after);
  if (index.removed.some(({ hash }) => listed.has(hash))) refuse("what went is there", "root_differs");
  for (const hash of index.added) if (!listed.delete(hash)) refuse("what came is not there", "root_differs");
  return [...listed, ...index.removed.map(({ hash }) => hash)].sort();
}

/** These records, ascending; refused where they are not those that a link states. */
export async function checkRoot(stated: { readonly root: string; readonly count: number }, records: readonly string[]): Promise<readonly string[]> {
  const right = records.length === stated.count && (await root(records)) === stated.root;
  return right ? [...records].sort() : refuse("another root or count", "root_differs");
}

function checkComing(hash: string, record: Known | undefined, index: Index): void {
  const listed = record === undefined ? undefined : factsOf(record.type)?.listed;
  if (record?.pending !== true || listed === undefined) refuse("what comes is not there", "record_unknown");
  if (listed !== "newest") return;
  // A dossier has one profile from its opening on: a second first one would stand beside it.
  const inPlace = record.version === 1
    ? record.type !== "profile"
    : index.removed.some(({ why, by }) => why === "superseded" && by === hash);
  if (!inPlace) refuse("a version beside another", "record_left_out");
}

function leaves({ hash, why, by }: Removal, gone: Known, index: Index, known: ReadonlyMap<string, Known>, now: number): boolean {
  switch (gone.type) {
    case "document":
      return why === "erased" && gone.tombstones.includes(by);
    case "share":
      return closed(why, instantOf(by), gone, index, now);
    case "profile":
    case "trajectory":
      return why === "superseded" && index.added.includes(by) && supersedes(known.get(by), gone, hash);
    default:
      return false;
  }
}

function closed(why: string, by: number | null, share: Known, index: Index, now: number): boolean {
  if (by === null) return false;
  return why === "revoked" ? share.revoked && by <= index.at : why === "expired" && by === share.expiresAt && by <= now;
}

/** Whether it is the next version of that record, on no older roster: an old version never comes back. */
function supersedes(next: Known | undefined, gone: Known, hash: string): boolean {
  const same = next?.type === gone.type && next.subject === gone.subject;
  return same && next.version === gone.version + 1 && next.previous === hash && next.roster >= gone.roster;
}

function instantOf(text: string): number | null {
  try {
    return parseInstant(text);
  } catch (error) {
    if (error instanceof Refusal) return null;
    throw error;
  }
}

/** Refuses the newest index whose signer held nothing under the head it names, or that is not of the newest head. */
export function checkStandsUnder(index: Index, heads: Heads): void {
  const under = heads.chain.find(({ hash }) => hash === index.head) ?? refuse("no head of this dossier", "head_differs");
  if (!isHolder(under, index.signer)) refuse("its signer was no holder by that head", "head_differs");
  if (under !== heads.newest && heads.newest.index !== index.hash) refuse("index and head are not of one time", "head_differs");
}
