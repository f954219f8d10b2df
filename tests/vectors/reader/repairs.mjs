// FORMAT.md, Repairs: which one counts.
import { isDirector } from "./rosters.mjs";
import { accept } from "./rights.mjs";
import { readRecord } from "./types.mjs";

export function counts(envelope, rosters) {
  accept(envelope, rosters);
  return isDirector(rosters.at(-1), readRecord(envelope).signer) ? "allowed" : "quarantined";
}
