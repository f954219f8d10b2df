// FORMAT.md, Following: from a pinned link of an index to the newest one.
import { refuse, Refused } from "./bytes.mjs";
import { envelopeOf } from "./envelopes.mjs";
import { isHolder } from "./heads.mjs";
import { backwards, belongs, leaves } from "./indexes.mjs";
import { root } from "./merkle.mjs";
import { counts } from "./repairs.mjs";
import { accept, inForce } from "./rights.mjs";
import { readRecord } from "./types.mjs";

/** What was refused because links are missing says which. */
export class Missing extends Refused {
  constructor(first, last, hash) {
    super("links_missing", "links are not shown whole");
    this.missing = [first, last, hash];
  }
}

/** What is refused is as good as not shown, unless this reader is too old to say. */
const quiet = (read) => {
  try {
    return read();
  } catch (error) {
    if (error instanceof Refused && error.word !== "software_old") return null;
    throw error;
  }
};

function verified(value, rosters, heads) {
  const envelope = envelopeOf(value, "index");
  accept(envelope, rosters, heads);
  const link = readRecord(envelope), under = heads.find((head) => head.hash === link.head);
  if (under === undefined || !isHolder(under, link.signer)) refuse("its signer does not hold the dossier", "head_differs");
  return link;
}

/** The entries that repairs set aside, of those repairs that count. */
function asides(repairs, rosters) {
  const valid = repairs.filter((one) => quiet(() => counts(envelopeOf(one, "repair"), rosters)) === "allowed");
  return valid.flatMap((one) => readRecord(envelopeOf(one, "repair")).sets_aside);
}

/** Refuses the newest link unless it follows the pinned one, and everything on the way holds. */
export function follow({ dossier, pin, newest, links, leaves: listed, records, repairs }, rosters, heads) {
  const named = (chain, number, hash) => asides(repairs, rosters)
    .some((one) => one.chain === chain && one.number === number && one.hash === hash && one.subject === dossier);
  const last = verified(newest, rosters, heads);
  const held = pin !== null && named("index", pin.sequence, pin.index) ? null : pin;
  if (held !== null && last.sequence < held.sequence) refuse("less than was seen", "rolled_back");
  if (held !== null && last.sequence === held.sequence && last.hash !== held.index) refuse("another past", "forked");
  const moved = held !== null && last.sequence > held.sequence;
  const shown = moved ? links.map((one) => quiet(() => verified(one, rosters, heads))).filter((one) => one !== null) : [];
  const between = shown.filter((one) => one.sequence < last.sequence);
  const way = moved ? walk(held, [...between, last], heads, (number, hash) => named("link", number, hash)) : { all: [], bound: [], whole: true };
  checkRoot(last, listed);
  takeBack(way, held, listed);
  for (const link of way.all) checkReasons(link, records, rosters, heads);
  const verdict = belongs(last, heads);
  if (verdict !== "allowed") refuse("head and index of two times", verdict);
  if (inForce(rosters, last.signer, held?.index === last.hash) !== "allowed") refuse("its signer has left", "quarantined");
}

/** The links in their order, and those of them behind the last gap. */
function walk(pin, links, heads, isPassed) {
  let before = { sequence: pin.sequence, hash: pin.index, roster: pin.roster, version: 0 };
  const way = { all: [], bound: [], whole: true };
  for (const link of links) {
    if (link.sequence > before.sequence + 1 && link.previous !== null) {
      if (!isPassed(link.sequence - 1, link.previous)) throw new Missing(before.sequence + 1, link.sequence - 1, link.previous);
      Object.assign(way, { bound: [], whole: false });
    } else if (link.sequence !== before.sequence + 1 || link.previous !== before.hash) {
      refuse("it does not follow", "forked");
    }
    const { version } = heads.find((head) => head.hash === link.head);
    if (link.roster.version < before.roster) refuse("an older roster", "signature_invalid");
    if (version < before.version) refuse("an older head", "head_differs");
    before = { sequence: link.sequence, hash: link.hash, roster: link.roster.version, version };
    way.all.push(link);
    way.bound.push(link);
  }
  return way;
}

function checkRoot(link, listed) {
  if (listed.length !== link.count || root(listed) !== link.root) refuse("another root or count", "root_differs");
}

function takeBack({ bound, whole }, pin, listed) {
  let records = listed;
  for (let at = bound.length - 1; at >= 0; at -= 1) {
    records = backwards(bound[at], records);
    if (at > 0) checkRoot(bound[at - 1], records);
    else if (whole) checkRoot(pin, records);
  }
}

/** Each record that leaves, leaves for a reason that holds, by the records that are shown. */
function checkReasons(link, records, rosters, heads) {
  const known = Object.fromEntries(records.map(({ type, record }) => {
    const envelope = envelopeOf(record, type);
    accept(envelope, rosters, heads);
    const fields = readRecord(envelope), { version, previous, expires_at } = fields;
    const facts = { type, subject: fields[type === "profile" ? "dossier" : type], version, previous, expires_at, roster: fields.roster.version };
    return [envelope.hash, { ...facts, revoked: true, tombstones: [] }];
  }));
  const holds = (one) => known[one.hash] !== undefined && leaves(one, known[one.hash], link, known, link.at);
  if (!link.removed.every(holds)) refuse("no reason that holds", "record_left_out");
}
