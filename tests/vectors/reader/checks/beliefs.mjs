import { believed } from "../beliefs.mjs";
import { envelopeOf } from "../envelopes.mjs";
import { instant } from "../fields.mjs";
import { chainOf } from "../rosters.mjs";

export function check(vectors, expect, outcome) {
  for (const { name, rosters, now, pins, ledger, believed: wanted } of vectors.cases) {
    const chain = chainOf(rosters.map((one) => envelopeOf(one, "roster")));
    expect(name, outcome(() => believed(ledger, chain, pins, instant(now))), wanted);
  }
}
