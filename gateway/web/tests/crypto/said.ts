/** What a device knows and has pinned, as vectors spell it: what is not said is false, 0, null or none. */
import type { Pinned } from "../../src/crypto/audit/ledger.ts";
import { parseInstant } from "../../src/crypto/records/encoding.ts";
import type { Known } from "../../src/crypto/rules/indexes.ts";

export interface Said {
  type: string;
  subject: string;
  pending?: boolean;
  revoked?: boolean;
  expires_at?: string | null;
  tombstones?: string[];
  version?: number;
  previous?: string | null;
  roster?: number;
}

export const knownOf = ({ pending, revoked, expires_at: expires, tombstones, version, previous, roster, ...said }: Said): Known => ({
  ...said,
  pending: pending ?? false,
  revoked: revoked ?? false,
  expiresAt: typeof expires === "string" ? parseInstant(expires) : null,
  tombstones: tombstones ?? [],
  version: version ?? 0,
  previous: previous ?? null,
  roster: roster ?? 0,
});

export interface Pins {
  head?: [number, string];
  index_roster?: number;
  withdrawn?: string[];
  terms?: Record<string, [number, string]>;
  terms_roster?: number;
}

const last = ([number, hash]: [number, string]) => ({ number, hash });

export const pinnedOf = (pins: Pins): Pinned => ({
  head: pins.head === undefined ? null : last(pins.head),
  indexRoster: pins.index_roster ?? 0,
  withdrawn: pins.withdrawn ?? [],
  terms: new Map(Object.entries(pins.terms ?? {}).map(([id, term]) => [id, last(term)])),
  termsRoster: pins.terms_roster ?? 0,
});
