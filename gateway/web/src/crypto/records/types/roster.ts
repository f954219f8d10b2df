/** The roster: the members of the practice, their roles and keys, and the keys of its installation. */
import { type Bytes, lp, sha256, toHex, utf8 } from "../../bytes.ts";
import type { Fields } from "../encoding.ts";
import * as read from "../read.ts";
import type { Hashed } from "../record.ts";
import { readSeen } from "../seen.ts";

export const ROOT = "root", NEW_ROOT = "new_root", DIRECTOR = "director", ORDINARY = "ordinary", RECOVERY = "recovery", ATTEST = "attest";
export const ROLES: readonly string[] = [DIRECTOR, "coach"];
export const KINDS: readonly string[] = [ORDINARY, RECOVERY];
export const USES: readonly string[] = ["ledger", "checkpoint", ATTEST];
export const SUITE = "mlkem768x25519";

/** The practice's id, by the public key of its first root. */
export const practiceId = async (root: Uint8Array): Promise<string> => toHex((await sha256(root)).subarray(0, 16));

/** What a roster says of a member's name and e-mail address. */
export const cardOf = async (salt: Uint8Array, name: string, email: string): Promise<string> =>
  toHex(await sha256(lp(utf8("vault/v1/card"), salt, utf8(name), utf8(email.toLowerCase()))));

const readMember = (fields: Fields) => ({
  id: read.identifier(fields, "id"),
  role: read.word(fields, "role"),
  signing: read.octets(fields, "signing", 32),
  recipient: read.digest(fields, "recipient"),
  card: read.digest(fields, "card"),
  since: read.instant(fields, "since"),
  until: read.possibly(read.instant, fields, "until"),
});

const readKey = (fields: Fields) => ({
  key: read.octets(fields, "key", 32),
  uses: read.items(fields, "uses", 16, 1).map((use) => read.word({ use }, "use")),
  since: read.instant(fields, "since"),
  until: read.possibly(read.instant, fields, "until"),
});

const suites = (fields: Fields, name: string): readonly string[] =>
  read.distinct(name, read.items(fields, name, 8, 1).map((suite) => read.text({ suite }, "suite", 32)), read.itself);

export const readRoster = (fields: Fields) => ({
  practice: read.identifier(fields, "practice"),
  signer: read.text(fields, "signer", 100),
  seen: readSeen(fields),
  version: read.integer(fields, "version", 1),
  previous: read.possiblyNull(fields, "previous"),
  kind: read.word(fields, "kind"),
  root: read.octets(fields, "root", 32),
  recovery: read.text(fields, "recovery", 4000),
  signatureSuites: suites(read.mapping(fields, "suites"), "signature"),
  dossierSuites: suites(read.mapping(fields, "suites"), "dossier"),
  members: read.distinct("members", read.objects(fields, "members", 1000, 1).map(readMember), ({ id }) => id),
  installations: read.distinct("installations", read.objects(fields, "installations", 64).map(readKey), ({ key }) => toHex(key)),
  at: read.instant(fields, "at"),
});

export type Roster = ReturnType<typeof readRoster> & Hashed;
export type Member = ReturnType<typeof readMember>;
export type InstallationKey = ReturnType<typeof readKey>;

/** The signer's name of a key of the installation. */
export const installationSigner = (key: Bytes): string => `installation:${toHex(key)}`;

export const memberOf = ({ members }: Roster, id: string): Member | undefined => members.find((one) => one.id === id);

/** Whether she has not left, in whatever role. */
export const isPresent = (roster: Roster, id: string): boolean => memberOf(roster, id)?.until === null;

/** Whether she has not left, and is in a role that this software knows: nobody else has any right. */
export const isActive = (roster: Roster, id: string): boolean =>
  isPresent(roster, id) && ROLES.includes(memberOf(roster, id)?.role ?? "");

export const isDirector = (roster: Roster, id: string): boolean => isPresent(roster, id) && memberOf(roster, id)?.role === DIRECTOR;

/** The ids of the directors who have not left. */
export const directorsOf = (roster: Roster): readonly string[] =>
  roster.members.map(({ id }) => id).filter((id) => isDirector(roster, id));
