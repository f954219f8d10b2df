import { toHex } from "../bytes.mjs";
import { estimator, normalise, reason, tableDigest, verdict } from "../passwords.mjs";

export function check(vectors, expect, outcome) {
  const guesses = estimator(vectors.rows, vectors.common);
  expect("the table", tableDigest(), vectors.unassigned.sha256);
  for (const one of vectors.normal) expect(one.password, outcome(() => toHex(normalise(one.password))), one.bytes ?? "unassigned");
  for (const one of vectors.new) {
    expect(one.password, outcome(() => verdict(one.password, guesses)), one.verdict);
    expect(one.password, one.verdict === "guessable" ? reason(one.password, guesses) : null, one.reason);
    if (one.guesses !== null) expect(one.password, String(guesses(one.password)), one.guesses);
  }
}
