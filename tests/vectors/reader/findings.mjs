// FORMAT.md, Forgetting: what a reader finds in a file, the first fault of each thing that is looked at.
import { Refused, fromBase64url } from "./bytes.mjs";
import { envelopeOf } from "./envelopes.mjs";
import { chainOf, sha256 } from "./rosters.mjs";
import { fingerprint as wordsOf, passphrase } from "./words.mjs";

export class Findings {
  constructor() {
    this.found = new Map();
  }

  add(what, word) {
    if (!this.found.has(what)) this.found.set(what, word);
  }

  /** What `read` gives; where it refuses, that is a finding, and nothing is given. */
  try(what, word, read) {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.add(what, word);
      return undefined;
    }
  }
}

/** The rosters of a file. */
export const rostersOf = (findings, envelopes) => findings.try("rosters", "rosters_broken", () => chainOf(envelopes));

export const envelopes = (values, kind) => values.map((one) => envelopeOf(one, kind));

/** A file proves something only about a practice that the reader knows, by its id or by one of its roots. */
export function checkPractice(findings, rosters, { practice, fingerprint }) {
  if (practice === null && fingerprint === null) findings.add("practice", "practice_unknown");
  if (practice !== null && practice !== rosters[0].practice) findings.add("practice", "other_practice");
  if (fingerprint === null) return;
  const roots = rosters.map((one) => fromBase64url(one.root)), typed = passphrase(fingerprint);
  const known = (root) => [sha256(root), wordsOf(root)].includes(typed.canonical);
  if (!roots.some(known)) findings.add("practice", "other_fingerprint");
}
