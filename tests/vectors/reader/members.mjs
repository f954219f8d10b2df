// FORMAT.md, Who may sign: a record by a member, on the roster that it stands on.
import { refuse } from "./bytes.mjs";
import { verifyEnvelope } from "./envelopes.mjs";
import { isActive, keyOf, memberOf, rosterAt } from "./rosters.mjs";

export function checkPractice({ fields }, rosters) {
  if (fields.practice !== rosters.at(-1)?.practice) refuse("a record of another practice", "signature_invalid");
}

/** The roster that a record stands on, in which its signer is active. */
export function checkMember(envelope, rosters) {
  checkPractice(envelope, rosters);
  const roster = rosterAt(rosters, envelope.fields.roster), { signer } = envelope.fields;
  if (!isActive(roster, signer)) refuse("its signer is not active", "signature_invalid");
  verifyEnvelope(envelope, keyOf(signer, memberOf(roster, signer).signing), roster.suites.signature);
  return roster;
}
