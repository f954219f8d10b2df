import { envelopeOf } from "../envelopes.mjs";
import { checkTombstone, digestOf, readEvidence, readWarrant, takesBack } from "../evidence.mjs";
import { accept } from "../rights.mjs";
import { chainOf } from "../rosters.mjs";
import { readRecord } from "../types.mjs";

export function check(vectors, expect, outcome) {
  for (const { name, rosters: known, evidence: shown, digest, tombstone, verdict } of vectors.tombstones) {
    const rosters = chainOf(known.map((one) => envelopeOf(one, "roster"))), evidence = readEvidence(shown);
    expect(`${name}: its digest`, digestOf(evidence), digest);
    const found = outcome(() => {
      const envelope = envelopeOf(tombstone, "tombstone");
      accept(envelope, rosters);
      checkTombstone(readWarrant(evidence, rosters), readRecord(envelope), rosters);
      return "allowed";
    });
    expect(name, found, verdict);
  }
  for (const { name, request, withdrawal, taken_back: taken } of vectors.withdrawals) {
    const [asked, back] = [readRecord(envelopeOf(request, "erasure")), readRecord(envelopeOf(withdrawal, "erasure_withdrawal"))];
    expect(name, takesBack(asked, back), taken);
  }
}
