import { envelopeOf } from "../envelopes.mjs";
import { chainOf as headsOf } from "../heads.mjs";
import { accept, acceptNew, inForce } from "../rights.mjs";
import { chainOf } from "../rosters.mjs";
import { mayShare } from "../sharing.mjs";
import { readRecord } from "../types.mjs";

export function check(vectors, expect, outcome) {
  const named = (hashes, kind) => hashes.map((hash) => envelopeOf(vectors.records[hash], kind));
  const allowed = (rule) => outcome(() => (rule(), "allowed"));
  for (const { name, type, rosters: known, heads: held, record, accepted, new: today } of vectors.signing) {
    const rosters = chainOf(named(known, "roster")), heads = headsOf(named(held, "dossier"), rosters);
    expect(`${name}: accepted`, allowed(() => accept(envelopeOf(record, type), rosters, heads)), accepted);
    expect(`${name}: new`, allowed(() => acceptNew(envelopeOf(record, type), rosters, heads)), today);
  }
  for (const { name, rosters, signer, pinned, verdict } of vectors.in_force) {
    expect(name, inForce(chainOf(named(rosters, "roster")), signer, pinned), verdict);
  }
  for (const { name, now, policy, share, verdict } of vectors.sharing) {
    const [rules, wanted] = [readRecord(envelopeOf(policy, "policy")), readRecord(envelopeOf(share, "share"))];
    expect(name, mayShare(rules, wanted, now), verdict);
  }
}
