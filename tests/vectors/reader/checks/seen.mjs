import { envelopeOf } from "../envelopes.mjs";
import { counts } from "../repairs.mjs";
import { chainOf } from "../rosters.mjs";
import { isHeld, seen } from "../seen.mjs";

export function check(vectors, expect, outcome) {
  const rosters = chainOf(vectors.rosters.map((one) => envelopeOf(one, "roster")));
  for (const { name, repair, verdict } of vectors.repairs) {
    expect(name, outcome(() => counts(envelopeOf(repair, "repair"), rosters)), verdict);
  }
  for (const one of vectors.cases) {
    const found = outcome(() => {
      const { ledger, checkpoint } = seen(one.seen);
      return [isHeld(ledger, []), isHeld(checkpoint, vectors.chain)].find((word) => word !== "allowed") ?? "allowed";
    });
    expect(one.name, found, one.verdict);
  }
}
