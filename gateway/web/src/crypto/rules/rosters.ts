/**
 * Rosters: who may sign one, and the chain that a reader trusts, from its first root to the newest (FORMAT.md, "Who may
 * sign"). `rights.ts` says who may sign any other record.
 */
import type { Bytes } from "../bytes.ts";
import { same } from "../bytes.ts";
import { type Envelope, verify } from "../records/envelope.ts";
import { readRecord } from "../records/record.ts";
import type { Standing } from "../records/standing.ts";
import {
  ATTEST, type InstallationKey, KINDS, type Member, NEW_ROOT, ORDINARY, RECOVERY, ROOT, type Roster, SUITE, USES,
  directorsOf, isDirector, memberOf, practiceId, readRoster,
} from "../records/types/roster.ts";
import { refuse } from "../refusal.ts";

/** Every roster from the first one on; a signer named in the one before signed each. */
export class Rosters {
  readonly chain: readonly Roster[];
  readonly newest: Roster;

  private constructor(before: readonly Roster[], newest: Roster) {
    this.chain = [...before, newest];
    this.newest = newest;
  }

  /** A chain of roster 1 alone, signed by its own root, of which the practice's id is derived. */
  static async first(envelope: Envelope): Promise<Rosters> {
    const roster = await readRecord(envelope, readRoster);
    if (roster.version !== 1 || roster.previous !== null) invalid("not the first");
    if (roster.signer !== ROOT || roster.kind === RECOVERY) invalid("not an ordinary one, by its root");
    if (roster.practice !== (await practiceId(roster.root))) invalid("another practice than its root's");
    checkWhole(roster);
    await verify(envelope, keyOf(ROOT, roster.root), roster.signatureSuites);
    return new Rosters([], known(roster));
  }

  /** The chain of these envelopes, each verified against the one before. */
  static async of(envelopes: readonly Envelope[]): Promise<Rosters> {
    const [first, ...rest] = envelopes;
    let chain = await Rosters.first(first ?? invalid("no roster"));
    for (const envelope of rest) chain = await chain.append(envelope);
    return chain;
  }

  /** The chain with one more. */
  async append(envelope: Envelope): Promise<Rosters> {
    const roster = await readRecord(envelope, readRoster), { newest } = this;
    if (roster.practice !== newest.practice) invalid("another practice");
    if (roster.version !== newest.version + 1 || roster.previous !== newest.hash) invalid("it does not follow the newest one");
    checkWhole(roster);
    checkMembersKept(newest, roster);
    checkKeysKept(newest, roster);
    if (newest.signatureSuites.some((suite) => !roster.signatureSuites.includes(suite))) invalid("it asks for fewer signatures");
    await verify(envelope, signersOf(newest, roster, envelope), roster.signatureSuites);
    return new Rosters(this.chain, known(roster));
  }

  /** The roster that a record stands on. */
  at({ version, hash }: Standing): Roster {
    const found = this.chain[version - 1];
    return found?.hash === hash ? found : invalid("a record on a roster that is not in the chain");
  }

  /** What a new record says in its field `roster`. */
  get standing(): Standing {
    return { version: this.newest.version, hash: this.newest.hash };
  }

  /** Every root there was: what a reader knows may be any of them. */
  get roots(): readonly Bytes[] {
    return this.chain.map(({ root }) => root);
  }
}

/** A signer's key, for verifying. */
export const keyOf = (signer: string, key: Uint8Array): ReadonlyMap<string, Uint8Array> => new Map([[signer, key]]);

/** Who signs: beside its signer the root that it states, where that is another one. */
function signersOf(newest: Roster, roster: Roster, { signatures }: Envelope): ReadonlyMap<string, Uint8Array> {
  const keys = signerOf(newest, roster);
  if (same(roster.root, newest.root)) return keys;
  if (!signatures.some(({ alg, signer }) => alg === "ed25519" && signer === NEW_ROOT)) refuse("the new root has not signed", "signature_invalid");
  return new Map([...keys, [NEW_ROOT, roster.root]]);
}

function signerOf(newest: Roster, { signer, kind }: Roster): ReadonlyMap<string, Uint8Array> {
  if (signer === ROOT && kind !== ORDINARY) return keyOf(ROOT, newest.root);
  if (kind === RECOVERY) invalid("a recovery by somebody else than the root");
  const member = memberOf(newest, signer);
  return member !== undefined && isDirector(newest, signer) ? keyOf(signer, member.signing) : refuse("no director", "signature_invalid");
}

/** What a roster that verifies asks of every software; who cannot do it uses nothing of the practice any more. */
function known(roster: Roster): Roster {
  if (!KINDS.includes(roster.kind)) refuse("a roster of an unknown kind", "software_old");
  return roster.dossierSuites.includes(SUITE) ? roster : refuse("no suite of dossiers that is known", "software_old");
}

function checkWhole(roster: Roster): void {
  if (directorsOf(roster).length === 0) invalid("no director");
  if (!roster.signatureSuites.includes("ed25519")) invalid("without signatures by ed25519");
  const living = new Set(roster.installations.filter(({ until }) => until === null).flatMap(({ uses }) => uses));
  if (USES.some((use) => !living.has(use))) invalid("a use without a key");
  // The gateway holds the keys that attest: what it can sign is never a tombstone, a certificate or a checkpoint.
  const mixed = ({ uses }: InstallationKey): boolean => uses.includes(ATTEST) && uses.some((use) => use !== ATTEST && USES.includes(use));
  if (roster.installations.some(mixed)) invalid("a key that attests has another use");
}

/** A member stays for good, under the keys she came with; nobody who left comes back; a sheet goes with a director. */
function checkMembersKept(newest: Roster, roster: Roster): void {
  for (const before of newest.members) {
    const after: Member = memberOf(roster, before.id) ?? invalid("a member is missing");
    if (!same(after.signing, before.signing) || after.recipient !== before.recipient) invalid("a member's keys change");
    if (before.until !== null && after.until !== before.until) invalid("a member's end changes");
  }
  const left = directorsOf(newest).some((id) => !isDirector(roster, id));
  if (left && (same(roster.root, newest.root) || roster.recovery === newest.recovery)) invalid("a director takes the sheet along");
}

/** A key stays for good, with its uses: one whose uses could grow would turn the gateway's into the worker's. */
function checkKeysKept(newest: Roster, roster: Roster): void {
  for (const before of newest.installations) {
    const after = roster.installations.find(({ key }) => same(key, before.key)) ?? invalid("a key of the installation is missing");
    if (after.since !== before.since || after.uses.join() !== before.uses.join()) invalid("the uses of a key change");
    if (before.until !== null && after.until !== before.until) invalid("a key's end changes");
  }
}

function invalid(why: string): never {
  return refuse(why, "roster_invalid");
}
