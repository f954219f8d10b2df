// FORMAT.md, Evidence: which tombstones of a ledger a device believes.
import { Refused, refuse } from "./bytes.mjs";
import { envelopeOf } from "./envelopes.mjs";
import { checkTombstone, digestOf, readEvidence, readWarrant } from "./evidence.mjs";
import { instant } from "./fields.mjs";
import { accept } from "./rights.mjs";
import { readRecord } from "./types.mjs";

const APART = 300;

function holds(rule) {
  try {
    return rule() ?? true;
  } catch (error) {
    if (error instanceof Refused) return false;
    throw error;
  }
}

/** Of each tombstone, in their order, whether it is believed; a ledger that breaks off is refused. */
export function believed(ledger, rosters, pins, now) {
  const judged = new Map();
  let last = null;
  return ledger.map(({ tombstone, evidence }) => {
    const envelope = envelopeOf(tombstone, "tombstone");
    accept(envelope, rosters);
    const stone = readRecord(envelope);
    if (stone.sequence !== (last?.sequence ?? 0) + 1 || stone.previous !== (last?.hash ?? null)) refuse("it breaks off", "conflict");
    last = stone;
    if (evidence !== null) holds(() => void judge(readEvidence(evidence), rosters, judged));
    const known = judged.get(stone.evidence);
    return known !== undefined && instant(stone.at) <= now + APART && fits(stone, known, pins)
      && holds(() => checkTombstone(known.warrant, stone, rosters));
  });
}

function judge(evidence, rosters, judged) {
  judged.set(digestOf(evidence), { evidence, warrant: readWarrant(evidence, rosters) });
}

/** Whether the evidence fits what this device has seen of the dossier. */
function fits(stone, { evidence, warrant }, { head, index_roster: alive = 0, withdrawn = [], terms = {}, terms_roster: roster = 0 }) {
  if (stone.subject.kind === "dossier" && stone.roster.version < alive) return false;
  if (withdrawn.includes(warrant.request)) return false;
  if (head !== undefined && evidence.heads[head[0] - 1]?.hash !== head[1]) return false;
  return stone.reason !== "retention" || Object.keys(terms).length === 0 || sameTerms(evidence.trajectories.map(readRecord), terms, roster);
}

function sameTerms(shown, terms, roster) {
  const newer = shown.filter(({ trajectory, version, hash }) => terms[trajectory]?.[0] !== version || terms[trajectory][1] !== hash);
  return Object.keys(terms).every((id) => shown.some(({ trajectory }) => trajectory === id))
    && newer.every((one) => one.roster.version >= roster && one.version > (terms[one.trajectory]?.[0] ?? 0));
}
