import { envelopeOf } from "../envelopes.mjs";
import { follow, Missing } from "../following.mjs";
import { chainOf as headsOf } from "../heads.mjs";
import { chainOf } from "../rosters.mjs";

export function check({ dossier, envelopes, cases }, expect, outcome) {
  const named = (names, kind) => names.map((name) => envelopeOf(envelopes[name], kind));
  const shown = (names) => names.map((name) => envelopes[name]);
  for (const one of cases) {
    const rosters = chainOf(named(one.rosters, "roster")), heads = headsOf(named(one.heads, "dossier"), rosters);
    const given = {
      dossier, pin: one.pin, leaves: one.leaves, newest: envelopes[one.newest], links: shown(one.links),
      repairs: shown(one.repairs), records: one.records.map(({ type, record }) => ({ type, record: envelopes[record] })),
    };
    let missing;
    const verdict = outcome(() => {
      try {
        follow(given, rosters, heads);
        return "allowed";
      } catch (error) {
        if (error instanceof Missing) missing = error.missing;
        throw error;
      }
    });
    expect(one.name, [verdict, missing], [one.verdict, one.missing]);
  }
}
