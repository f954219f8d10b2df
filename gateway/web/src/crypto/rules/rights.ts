/** The rights to sign a record, by the rosters and the dossier's heads (FORMAT.md, "Who may sign"). */
import * as read from "../records/read.ts";
import { type Envelope, verify } from "../records/envelope.ts";
import { typeOf } from "../records/readers.ts";
import { readRecord } from "../records/record.ts";
import { readStanding } from "../records/standing.ts";
import { factsOf } from "../records/table.ts";
import { type Dossier, HOLDER, isHolder, readDossier } from "../records/types/dossier.ts";
import { CLIENT, readErasure } from "../records/types/erasure.ts";
import { type InstallationKey, type Roster, SUITE, directorsOf, installationSigner, isActive, isDirector, isPresent, memberOf } from "../records/types/roster.ts";
import { readTrajectory } from "../records/types/trajectory.ts";
import { refuse } from "../refusal.ts";
import { type Rosters, keyOf } from "./rosters.ts";
import { CLOCK_SLACK } from "./terms.ts";

const signerOf = ({ fields }: Envelope): string => read.text(fields, "signer", 100);

function checkPractice({ fields }: Envelope, rosters: Rosters): void {
  if (fields["practice"] !== rosters.newest.practice) wrong("a record of another practice");
}

/** The roster that a record stands on, in which the member who signed it is active, in a role that is known. */
export async function checkMember(envelope: Envelope, rosters: Rosters): Promise<Roster> {
  checkPractice(envelope, rosters);
  const roster = rosters.at(readStanding(envelope.fields)), signer = signerOf(envelope), member = memberOf(roster, signer);
  if (member === undefined || !isActive(roster, signer)) return wrong("its signer is not active");
  await verify(envelope, keyOf(signer, member.signing), roster.signatureSuites);
  return roster;
}

/** All versions of one dossier's record, each by a member with the right at that point. */
export class Heads {
  readonly chain: readonly Dossier[];
  readonly newest: Dossier;

  private constructor(before: readonly Dossier[], newest: Dossier) {
    this.chain = [...before, newest];
    this.newest = newest;
  }

  static async first(envelope: Envelope, rosters: Rosters): Promise<Heads> {
    const roster = await checkMember(envelope, rosters), head = await readRecord(envelope, readDossier);
    if (head.version !== 1 || head.epoch !== 1 || head.previous !== null) wrong("not a first head");
    if (!isHolder(head, head.signer)) wrong("who opens a dossier is a holder of it");
    const hers = new Set([head.signer, ...directorsOf(roster)]);
    if (!isDirector(roster, head.signer) && head.grantees.some(({ id }) => !hers.has(id))) wrong("a coach opens it for others");
    return new Heads([], checkGrantees(head, roster));
  }

  /** The chain of these envelopes, each verified against the one before. */
  static async of(envelopes: readonly Envelope[], rosters: Rosters): Promise<Heads> {
    const [first, ...rest] = envelopes;
    let heads = await Heads.first(first ?? wrong("no head"), rosters);
    for (const envelope of rest) heads = await heads.append(envelope, rosters);
    return heads;
  }

  async append(envelope: Envelope, rosters: Rosters): Promise<Heads> {
    const roster = await checkMember(envelope, rosters), head = await readRecord(envelope, readDossier), { newest } = this;
    if (head.id !== newest.id || head.kind !== newest.kind) wrong("another dossier or kind");
    if (head.version !== newest.version + 1 || head.previous !== newest.hash) wrong("it does not follow the newest one");
    if (head.epoch !== newest.epoch + (head.recipient === newest.recipient ? 0 : 1)) wrong("another epoch");
    if (head.standing.version < newest.standing.version) wrong("an older roster than the one before");
    if (!isHolder(newest, head.signer) && !isDirector(roster, head.signer)) wrong("its signer does not hold the dossier");
    checkChange(head, newest, roster);
    return new Heads(this.chain, checkGrantees(head, roster));
  }

  /** Whether she was a holder in some version. */
  wasHolder(id: string): boolean {
    return this.chain.some((head) => isHolder(head, id));
  }
}

/** Only a director changes who holds a dossier; who is a member still loses it with a new identity alone. */
function checkChange(head: Dossier, before: Dossier, roster: Roster): void {
  const roles = new Map(before.grantees.filter(({ id }) => isPresent(roster, id)).map(({ id, role }) => [id, role]));
  for (const id of directorsOf(roster)) roles.set(id, HOLDER);
  const given = new Map(head.grantees.map(({ id, role }) => [id, role])), renewed = head.epoch !== before.epoch;
  const same = given.size === roles.size && [...roles].every(([id, role]) => given.get(id) === role);
  if (!isDirector(roster, head.signer) && (renewed || !same)) wrong("only a director changes who holds a dossier");
  if (!renewed && [...roles.keys()].some((id) => !given.has(id))) wrong("who is a member still goes with new keys alone");
}

function checkGrantees(head: Dossier, roster: Roster): Dossier {
  if (directorsOf(roster).some((id) => !isHolder(head, id))) wrong("every director holds every dossier");
  if (head.grantees.some(({ id }) => !isPresent(roster, id))) wrong("a grantee is no member");
  if (!roster.dossierSuites.includes(head.suite)) wrong("a suite that the roster does not list");
  return head.suite === SUITE ? head : refuse("a suite that is not known", "software_old");
}

/** Refuses a record that its signer may not have made; `heads` are those of its dossier. A roster has its own chain. */
export async function checkSigner(envelope: Envelope, rosters: Rosters, heads: Heads | null = null): Promise<void> {
  const signer = factsOf(envelope.kind)?.signer;
  if (signer === "installation") return checkInstallation(envelope, rosters);
  if (signer === undefined || signer === "chain" || (signer === "grantee" && heads === null)) wrong("a record that stands in no chain");
  const director = isDirector(await checkMember(envelope, rosters), signerOf(envelope));
  if (signer === "director" && !director) wrong("only a director may sign this");
  if (signer === "grantee" && heads !== null) checkGrantee(envelope, heads, director);
  return undefined;
}

function checkGrantee(envelope: Envelope, heads: Heads, director: boolean): void {
  if (envelope.fields["dossier"] !== heads.newest.id) wrong("a record of another dossier");
  if (!heads.wasHolder(signerOf(envelope))) wrong("its signer never held the dossier");
  if (director) return;
  if (envelope.kind === "trajectory" && !readTrajectory(envelope.fields).grace) wrong("only a director waives the days of grace");
  if (envelope.kind !== "erasure") return;
  const { documents, basis } = readErasure(envelope.fields);
  if (documents.length === 0 && basis !== CLIENT) wrong("only a director has a whole dossier destroyed unasked");
}

/** By a key that the roster of the record lists for this use, within the time that the newest roster gives it. */
async function checkInstallation(envelope: Envelope, rosters: Rosters): Promise<void> {
  checkPractice(envelope, rosters);
  const roster = rosters.at(readStanding(envelope.fields)), signer = signerOf(envelope);
  const entry = installationOf(roster, signer) ?? wrong("no installation of the practice");
  if (!entry.uses.includes(factsOf(envelope.kind)?.use ?? "")) wrong("a key of another use");
  const { since, until } = installationOf(rosters.newest, signer) ?? wrong("a key that was taken out");
  const at = read.instant(envelope.fields, "at");
  if (at < since - CLOCK_SLACK || (until !== null && at > until + CLOCK_SLACK)) wrong("a key outside its time");
  await verify(envelope, keyOf(signer, entry.key), roster.signatureSuites);
}

const installationOf = ({ installations }: Roster, signer: string): InstallationKey | undefined =>
  installations.find(({ key }) => installationSigner(key) === signer);

/** Refuses a *new* record for more: it stands on the newest roster, says no unknown word, and its signer holds today. */
export async function checkNew(envelope: Envelope, rosters: Rosters, heads: Heads | null = null): Promise<void> {
  const { version, hash } = readStanding(envelope.fields), { newest } = rosters;
  if (version !== newest.version || hash !== newest.hash) wrong("a new record stands on the newest roster");
  if (!typeOf(envelope.kind).saysKnownWords(envelope.fields)) refuse("a word that is not known", "software_old");
  await checkSigner(envelope, rosters, heads);
  if (factsOf(envelope.kind)?.signer !== "grantee" || heads === null) return;
  if (!isHolder(heads.newest, signerOf(envelope))) wrong("its signer no longer holds the dossier");
}

/** Whether a chain's newest record counts: by somebody who is there, or seen by this reader before. */
export const inForce = (signer: string, rosters: Rosters, pinned: boolean): "allowed" | "quarantined" =>
  pinned || isActive(rosters.newest, signer) ? "allowed" : "quarantined";

function wrong(why: string): never {
  return refuse(why, "signature_invalid");
}
