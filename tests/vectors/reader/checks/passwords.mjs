import { toHex } from "../bytes.mjs";
import { estimator, normalise, tableDigest, verdict } from "../passwords.mjs";

export function check(vectors, expect, outcome) {
  const guesses = estimator(vectors.rows, vectors.common);
  expect("the table", tableDigest(), vectors.unassigned.sha256);
  for (const one of vectors.normal) expect(one.password, outcome(() => toHex(normalise(one.password))), one.bytes ?? "unassigned");
  for (const one of vectors.new) {
    expect(one.password, outcome(() => verdict(one.password, guesses)), one.verdict);
    if (one.guesses !== null) expect(one.password, String(guesses(one.password)), one.guesses);
  }
}
