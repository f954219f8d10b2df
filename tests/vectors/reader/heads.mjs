// FORMAT.md, Who may sign: the chain of a dossier's heads.
import { refuse } from "./bytes.mjs";
import { checkMember } from "./members.mjs";
import { DOSSIER_SUITE, directors, isDirector, isPresent } from "./rosters.mjs";
import { readRecord } from "./types.mjs";

const refuseHead = (why) => refuse(why, "signature_invalid");

export const isHolder = (head, id) => head.grantees.some((one) => one.id === id && one.role === "holder");

/** The chain of heads with one more; the first of all where nothing comes before it. */
export function follow(chain, envelope, rosters) {
  const roster = checkMember(envelope, rosters), head = readRecord(envelope), last = chain.at(-1);
  if (last === undefined) first(head, roster);
  else next(last, head, roster);
  if (directors(roster).some((id) => !isHolder(head, id))) refuseHead("a director is no holder");
  if (head.grantees.some(({ id }) => !isPresent(roster, id))) refuseHead("a grantee is no member");
  if (!roster.suites.dossier.includes(head.suite)) refuseHead("a suite that the roster does not list");
  if (head.suite !== DOSSIER_SUITE) refuse("a suite that is not known", "software_old");
  return [...chain, head];
}

export const chainOf = (envelopes, rosters) => envelopes.reduce((chain, one) => follow(chain, one, rosters), []);

function first(head, roster) {
  if (head.version !== 1 || head.epoch !== 1 || head.previous !== null) refuseHead("not the first");
  if (!isHolder(head, head.signer)) refuseHead("its signer is no holder");
  const hers = new Set([head.signer, ...directors(roster)]);
  if (!isDirector(roster, head.signer) && head.grantees.some(({ id }) => !hers.has(id))) refuseHead("a coach gives it to others");
}

function next(last, head, roster) {
  if (head.dossier !== last.dossier || head.kind !== last.kind) refuseHead("another dossier or kind");
  if (head.version !== last.version + 1 || head.previous !== last.hash) refuseHead("it does not follow");
  if (head.epoch !== last.epoch + (head.recipient === last.recipient ? 0 : 1)) refuseHead("another epoch");
  if (head.roster.version < last.roster.version) refuseHead("an older roster");
  if (!isHolder(last, head.signer) && !isDirector(roster, head.signer)) refuseHead("its signer is no holder");
  const stay = remaining(last, roster), there = (id) => head.grantees.some((one) => one.id === id);
  if (!isDirector(roster, head.signer)) {
    if (head.epoch !== last.epoch || !same(head.grantees, stay)) refuseHead("only a director changes who holds it");
  } else if (head.epoch === last.epoch && stay.some(([id]) => !there(id))) refuseHead("who is a member still goes with new keys alone");
}

/** Who has not left, each in the role she had, and every director as a holder: [id, role]. */
function remaining(last, roster) {
  const roles = new Map(last.grantees.filter(({ id }) => isPresent(roster, id)).map(({ id, role }) => [id, role]));
  directors(roster).forEach((id) => roles.set(id, "holder"));
  return [...roles];
}

const same = (grantees, roles) => {
  const wanted = new Map(roles);
  return grantees.length === wanted.size && grantees.every(({ id, role }) => wanted.get(id) === role);
};
