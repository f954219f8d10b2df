/** How a reader goes from the link of an index that it pinned to the newest one (FORMAT.md, "Following"). */
import type { Fields } from "../records/encoding.ts";
import { fromJson } from "../records/envelope.ts";
import { readRecord } from "../records/record.ts";
import { isHolder } from "../records/types/dossier.ts";
import { type Index, readIndex } from "../records/types/index.ts";
import type { Aside } from "../records/types/repair.ts";
import { Refusal, refuse } from "../refusal.ts";
import { type Known, checkReasons, checkRoot, checkStandsUnder, listedBefore } from "./indexes.ts";
import { type Heads, checkSigner, inForce } from "./rights.ts";
import type { Rosters } from "./rosters.ts";

/** What a reader kept of a link that it verified; `index` is its hash, `roster` the version that it stands on. */
export interface PinnedLink {
  readonly sequence: number;
  readonly index: string;
  readonly root: string;
  readonly count: number;
  readonly roster: number;
}

/** What a server shows of an index: the newest link and what it lists, and the links between it and the pinned one. */
export interface Shown {
  readonly newest: Fields;
  readonly leaves: readonly string[];
  readonly links: readonly Fields[];
}

/** Links are not shown whole, from `first` to `last`; `hash` is that of the last, as the one after it states. */
export class LinksMissing extends Refusal {
  readonly first: number;
  readonly last: number;
  readonly hash: string;

  constructor(first: number, last: number, hash: string) {
    super("links_missing", `links ${first} to ${last} are not shown whole`);
    [this.first, this.last, this.hash] = [first, last, hash];
  }
}

/** The links from the pinned one to the newest; `bound` are those behind the last gap, all where there is none. */
interface Way {
  readonly links: Index[];
  bound: Index[];
  whole: boolean;
}

/** The newest link, verified from the pinned one on. `known` are the dossier's records, `asides` what repairs name. */
export async function takeNewest(
  pinned: PinnedLink | null, shown: Shown, known: ReadonlyMap<string, Known>, asides: readonly Aside[], rosters: Rosters, heads: Heads,
): Promise<Index> {
  const newest = await verifiedLink(shown.newest, rosters, heads), dossier = heads.newest.id;
  const named = (chain: string, number: number, hash: string): boolean =>
    asides.some((one) => one.chain === chain && one.subject === dossier && one.number === number && one.hash === hash);
  const pin = pinned !== null && named("index", pinned.sequence, pinned.index) ? null : pinned;
  const way: Way = { links: [], bound: [], whole: true };
  if (pin !== null && !isSame(pin, newest)) {
    walk(way, pin, [...(await between(shown.links, newest, rosters, heads)), newest], heads, (number, hash) => named("link", number, hash));
  }
  await checkRoot(newest, shown.leaves);
  await takeBack(way, pin, shown.leaves);
  for (const link of way.links) checkReasons(link, known, link.at);
  checkStandsUnder(newest, heads);
  if (inForce(newest.signer, rosters, pin?.index === newest.hash) !== "allowed") refuse("its signer has left since", "quarantined");
  return newest;
}

/** A link that somebody signed who was a holder by the head that it names. */
async function verifiedLink(value: Fields, rosters: Rosters, heads: Heads): Promise<Index> {
  const envelope = fromJson(value, "index");
  await checkSigner(envelope, rosters, heads);
  const link = await readRecord(envelope, readIndex), under = heads.chain.find(({ hash }) => hash === link.head);
  return under !== undefined && isHolder(under, link.signer) ? link : refuse("its signer was no holder by that head", "head_differs");
}

function isSame(pin: PinnedLink, newest: Index): boolean {
  if (newest.sequence < pin.sequence) refuse("less than was pinned", "rolled_back");
  if (newest.sequence > pin.sequence) return false;
  return newest.hash === pin.index || refuse("another than was pinned", "forked");
}

/** The links that verify: one that does not is as good as not shown, unless this reader is too old to say. */
async function between(values: readonly Fields[], newest: Index, rosters: Rosters, heads: Heads): Promise<Index[]> {
  const links: Index[] = [];
  for (const value of values) {
    try {
      links.push(await verifiedLink(value, rosters, heads));
    } catch (error) {
      if (!(error instanceof Refusal) || error.word === "software_old") throw error;
    }
  }
  return links.filter(({ sequence }) => sequence < newest.sequence);
}

function walk(way: Way, pin: PinnedLink, links: readonly Index[], heads: Heads, isPassed: (number: number, hash: string) => boolean): void {
  let last = { number: pin.sequence, hash: pin.index, roster: pin.roster, head: 0 };
  for (const link of links) {
    const { sequence, previous, standing } = link;
    if (sequence > last.number + 1 && previous !== null) {
      if (!isPassed(sequence - 1, previous)) throw new LinksMissing(last.number + 1, sequence - 1, previous);
      [way.bound, way.whole] = [[], false];
    } else if (sequence !== last.number + 1 || previous !== last.hash) {
      refuse("it does not follow the one before", "forked");
    }
    const head = heads.chain.findIndex(({ hash }) => hash === link.head);
    if (standing.version < last.roster) refuse("an older roster than the one before", "signature_invalid");
    if (head < last.head) refuse("an older head than the one before", "head_differs");
    last = { number: sequence, hash: link.hash, roster: standing.version, head };
    way.links.push(link);
    way.bound.push(link);
  }
}

/** What the newest lists, taken back link by link: behind a gap only the lost links told what they changed. */
async function takeBack({ bound, whole }: Way, pin: PinnedLink | null, leaves: readonly string[]): Promise<void> {
  let records = leaves;
  const before = [whole ? pin : null, ...bound.slice(0, -1)];
  for (const [at, link] of [...bound.entries()].toReversed()) {
    records = listedBefore(link, records);
    const stated = before[at] ?? null;
    if (stated !== null) await checkRoot(stated, records);
  }
}
