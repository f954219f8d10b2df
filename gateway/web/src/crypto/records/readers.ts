/** Every type of record by its name: its reader, and whether a record says only words that this software knows. */
import { readCertificate } from "./types/certificate.ts";
import { readCertificateCheck } from "./types/certificate_check.ts";
import { readCheckpoint } from "./types/checkpoint.ts";
import * as document from "./types/document.ts";
import * as dossier from "./types/dossier.ts";
import * as erasure from "./types/erasure.ts";
import { readErasureWithdrawal } from "./types/erasure_withdrawal.ts";
import { readIndex } from "./types/index.ts";
import { readIntent } from "./types/intent.ts";
import { readInvitation } from "./types/invitation.ts";
import { readLock } from "./types/lock.ts";
import { readPolicy } from "./types/policy.ts";
import { readProfile } from "./types/profile.ts";
import { readRepair } from "./types/repair.ts";
import { readRestoration } from "./types/restoration.ts";
import * as roster from "./types/roster.ts";
import * as share from "./types/share.ts";
import * as tombstone from "./types/tombstone.ts";
import { readTrajectory } from "./types/trajectory.ts";
import { readWrap } from "./types/wrap.ts";
import type { Fields } from "./encoding.ts";
import { refuse } from "../refusal.ts";

const among = (known: readonly string[], ...words: readonly string[]): boolean => words.every((word) => known.includes(word));
const always = (): boolean => true;

const type = <T>(read: (fields: Fields) => T, known: (record: T) => boolean = always) => ({
  read: (fields: Fields): unknown => read(fields),
  /** Whether every word of an open set is a known one; refuses what is no record of the type. */
  saysKnownWords: (fields: Fields): boolean => known(read(fields)),
});

const TYPES = new Map(
  Object.entries({
    roster: type(roster.readRoster, ({ kind, members, installations }) =>
      among(roster.KINDS, kind) && among(roster.ROLES, ...members.map(({ role }) => role)) && among(roster.USES, ...installations.flatMap(({ uses }) => uses))),
    policy: type(readPolicy),
    dossier: type(dossier.readDossier, ({ kind, grantees }) => among(dossier.KINDS, kind) && among([dossier.HOLDER], ...grantees.map(({ role }) => role))),
    wrap: type(readWrap),
    document: type(document.readDocument, ({ kind }) => among(document.KINDS, kind)),
    intent: type(readIntent, ({ kind }) => among(document.KINDS, kind)),
    index: type(readIndex),
    share: type(share.readShare, ({ kind, mode }) => among(share.KINDS, kind) && among(share.MODES, mode)),
    profile: type(readProfile),
    trajectory: type(readTrajectory),
    repair: type(readRepair),
    restoration: type(readRestoration),
    invitation: type(readInvitation, ({ role }) => among(roster.ROLES, role)),
    lock: type(readLock),
    erasure: type(erasure.readErasure, ({ basis }) => among(erasure.BASES, basis)),
    erasure_withdrawal: type(readErasureWithdrawal),
    tombstone: type(tombstone.readTombstone, ({ kind, reason }) => among(tombstone.SUBJECTS, kind) && among(tombstone.REASONS, reason)),
    certificate: type(readCertificate, ({ kind, reason }) => among(tombstone.SUBJECTS, kind) && among(tombstone.REASONS, reason)),
    certificate_check: type(readCertificateCheck),
    checkpoint: type(readCheckpoint),
  }),
);

export const typeOf = (kind: string) => TYPES.get(kind) ?? refuse(`no type of record: ${kind}`);
export const typeNames = (): readonly string[] => [...TYPES.keys()];
