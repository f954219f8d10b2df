// FORMAT.md, Who may sign: what a reader accepts, what may be added today, and what is in force.
import { refuse, toHex, fromBase64url } from "./bytes.mjs";
import { verifyEnvelope } from "./envelopes.mjs";
import { instant } from "./fields.mjs";
import { isHolder } from "./heads.mjs";
import { checkMember, checkPractice } from "./members.mjs";
import { isActive, isDirector, keyOf, rosterAt } from "./rosters.mjs";
import { readRecord, saysKnownWords, standing } from "./types.mjs";

const USE_OF = { tombstone: "ledger", certificate: "ledger", checkpoint: "checkpoint" };
const BY_DIRECTOR = ["policy", "repair", "restoration", "invitation"], BY_MEMBER = ["lock", "certificate_check"];
const APART = 300;

const refuseSigner = (why) => refuse(why, "signature_invalid");

/** Refuses a record that its signer may not have made. A roster has a chain of its own. */
export function accept(envelope, rosters, heads = []) {
  const { kind, fields } = envelope;
  if (kind in USE_OF) return acceptInstallation(envelope, rosters);
  if (kind === "roster") return refuseSigner("a roster");
  const direct = BY_DIRECTOR.includes(kind) || BY_MEMBER.includes(kind);
  if (!direct && heads.length === 0) return refuseSigner("a record of no dossier");
  const director = isDirector(checkMember(envelope, rosters), fields.signer);
  if (BY_DIRECTOR.includes(kind) && !director) refuseSigner("no director");
  if (direct) return undefined;
  if (fields.dossier !== heads.at(-1).dossier) refuseSigner("another dossier");
  if (!heads.some((head) => isHolder(head, fields.signer))) refuseSigner("no holder");
  return director ? undefined : checkCoach(envelope);
}

function checkCoach(envelope) {
  if (envelope.kind === "trajectory" && !readRecord(envelope).grace) refuseSigner("days of grace");
  if (envelope.kind !== "erasure") return;
  const { documents, basis } = readRecord(envelope);
  if (documents.length === 0 && basis !== "client") refuseSigner("a whole dossier");
}

function acceptInstallation(envelope, rosters) {
  checkPractice(envelope, rosters);
  const { kind, fields } = envelope;
  const entryOf = (roster) => roster.installations.find((one) => fields.signer === `installation:${toHex(fromBase64url(one.key))}`);
  const roster = rosterAt(rosters, fields.roster);
  const entry = entryOf(roster) ?? refuseSigner("no installation of the practice");
  if (!entry.uses.includes(USE_OF[kind])) refuseSigner("another use");
  const { since, until } = entryOf(rosters.at(-1)), at = instant(fields.at);
  if (at < instant(since) - APART || (until !== null && at > instant(until) + APART)) refuseSigner("outside its time");
  verifyEnvelope(envelope, keyOf(fields.signer, entry.key), roster.suites.signature);
}

/** Refuses a new record for more: it stands on the newest roster, says no unknown word, and its signer holds today. */
export function acceptNew(envelope, rosters, heads) {
  const { version, hash } = standing(envelope.fields.roster), newest = rosters.at(-1);
  if (version !== newest.version || hash !== newest.hash) refuseSigner("not the newest roster");
  if (!saysKnownWords(envelope.kind, readRecord(envelope))) refuse("an unknown word", "software_old");
  accept(envelope, rosters, heads);
  const ofMember = !(envelope.kind in USE_OF) && !BY_DIRECTOR.includes(envelope.kind) && !BY_MEMBER.includes(envelope.kind);
  if (ofMember && !isHolder(heads.at(-1), envelope.fields.signer)) refuseSigner("no holder any more");
}

/** Whether a chain's newest link counts. */
export const inForce = (rosters, signer, pinned) => (pinned || isActive(rosters.at(-1), signer) ? "allowed" : "quarantined");
