// FORMAT.md, Who may sign, Installation keys, Suites: the chain of rosters.
import { createHash } from "node:crypto";
import { fromBase64url, refuse, toHex } from "./bytes.mjs";
import { verifyEnvelope } from "./envelopes.mjs";
import { readRecord, standing } from "./types.mjs";

const ROLES = ["director", "coach"], KINDS = ["ordinary", "recovery"], USES = ["ledger", "checkpoint", "attest"];
export const DOSSIER_SUITE = "mlkem768x25519";

export const sha256 = (bytes) => toHex(createHash("sha256").update(bytes).digest());
const refuseRoster = (why) => refuse(why, "roster_invalid");

export const memberOf = (roster, id) => roster.members.find((one) => one.id === id);
export const isPresent = (roster, id) => memberOf(roster, id)?.until === null;
/** She has not left, and is in a role that this reader knows. */
export const isActive = (roster, id) => isPresent(roster, id) && ROLES.includes(memberOf(roster, id).role);
export const isDirector = (roster, id) => isActive(roster, id) && memberOf(roster, id).role === "director";
export const directors = (roster) => roster.members.map((one) => one.id).filter((id) => isDirector(roster, id));

/** The key of a signer, for verifying. */
export const keyOf = (signer, key) => new Map([[signer, fromBase64url(key)]]);

/** The roster that a record stands on. */
export function rosterAt(rosters, value) {
  const { version, hash } = standing(value);
  const found = rosters[version - 1];
  return found !== undefined && found.hash === hash ? found : refuseRoster("a record on a roster that is not in the chain");
}

/** The chain of rosters with one more; the first of all where nothing comes before it. */
export function follow(chain, envelope) {
  const roster = readRecord(envelope), last = chain.at(-1);
  if (last === undefined) first(roster, envelope);
  else next(last, roster, envelope);
  if (!KINDS.includes(roster.kind)) refuse("an unknown kind", "software_old");
  if (!roster.suites.dossier.includes(DOSSIER_SUITE)) refuse("no suite of dossiers that is known", "software_old");
  return [...chain, roster];
}

export const chainOf = (envelopes) => envelopes.reduce(follow, []);

function first(roster, envelope) {
  if (roster.version !== 1 || roster.previous !== null) refuseRoster("not the first");
  if (roster.signer !== "root" || roster.kind === "recovery") refuseRoster("not an ordinary one, by its root");
  if (roster.practice !== sha256(fromBase64url(roster.root)).slice(0, 32)) refuseRoster("another practice than its root's");
  checkWhole(roster);
  verifyEnvelope(envelope, keyOf("root", roster.root), roster.suites.signature);
}

function next(last, roster, envelope) {
  if (roster.practice !== last.practice) refuseRoster("another practice");
  if (roster.version !== last.version + 1 || roster.previous !== last.hash) refuseRoster("it does not follow");
  checkWhole(roster);
  checkMembers(last, roster);
  checkKeys(last, roster);
  if (last.suites.signature.some((suite) => !roster.suites.signature.includes(suite))) refuseRoster("a suite is left out");
  if (roster.kind === "recovery" && roster.signer !== "root") refuseRoster("a recovery by a member");
  const keys = signerOf(last, roster);
  if (roster.root !== last.root) {
    if (!envelope.signatures.some(({ alg, signer }) => alg === "ed25519" && signer === "new_root")) refuse("the new root is silent", "signature_invalid");
    keys.set("new_root", fromBase64url(roster.root));
  }
  verifyEnvelope(envelope, keys, roster.suites.signature);
}

function signerOf(last, { signer, kind }) {
  if (signer === "root" && kind !== "ordinary") return keyOf(signer, last.root);
  return isDirector(last, signer) ? keyOf(signer, memberOf(last, signer).signing) : refuse("no director", "signature_invalid");
}

function checkWhole(roster) {
  if (directors(roster).length === 0) refuseRoster("no director");
  if (!roster.suites.signature.includes("ed25519")) refuseRoster("without ed25519");
  const living = roster.installations.filter((one) => one.until === null).flatMap((one) => one.uses);
  if (USES.some((use) => !living.includes(use))) refuseRoster("a use without a key");
  const mixed = ({ uses }) => uses.includes("attest") && (uses.includes("ledger") || uses.includes("checkpoint"));
  if (roster.installations.some(mixed)) refuseRoster("a key that attests has another use");
}

function checkMembers(last, roster) {
  for (const before of last.members) {
    const now = memberOf(roster, before.id) ?? refuseRoster("a member is taken out");
    if (now.signing !== before.signing || now.recipient !== before.recipient) refuseRoster("a member's keys change");
    if (before.until !== null && now.until !== before.until) refuseRoster("an end changes");
  }
  const sameSheet = roster.root === last.root || roster.recovery === last.recovery;
  if (sameSheet && directors(last).some((id) => !isDirector(roster, id))) refuseRoster("a director takes the sheet along");
}

function checkKeys(last, roster) {
  for (const before of last.installations) {
    const now = roster.installations.find((one) => one.key === before.key) ?? refuseRoster("a key is taken out");
    const same = JSON.stringify([now.uses, now.since]) === JSON.stringify([before.uses, before.since]);
    if (!same || (before.until !== null && now.until !== before.until)) refuseRoster("a key changes");
  }
}
