/** Facts of the record types (FORMAT.md, "Types"): who signs one, what the index lists, how large one may be. */
const SMALL = 65_536, LARGE = 1_048_576;
const LARGE_TYPES: ReadonlySet<string> = new Set(["roster", "index", "dossier"]);

/** How many bytes a record of a type may have. */
export const limitOf = (kind: string): number => (LARGE_TYPES.has(kind) ? LARGE : SMALL);

/** How many bytes its envelope may have. */
export const envelopeLimit = (kind: string): number => 2 * limitOf(kind) + SMALL;

/** Whose key verifies a type: the roster's own chain says who signs a roster. */
export type Signer = "chain" | "director" | "grantee" | "member" | "installation";

interface Facts {
  readonly signer: Signer;
  /** Whether the index lists it: every version, or only the newest. */
  readonly listed?: "each" | "newest";
  /** What the signing key of the installation is for. */
  readonly use?: "ledger" | "checkpoint";
}

const TABLE: Readonly<Record<string, Facts>> = {
  roster: { signer: "chain" },
  policy: { signer: "director" },
  dossier: { signer: "grantee" },
  wrap: { signer: "grantee" },
  document: { signer: "grantee", listed: "each" },
  intent: { signer: "grantee" },
  index: { signer: "grantee" },
  share: { signer: "grantee", listed: "each" },
  profile: { signer: "grantee", listed: "newest" },
  trajectory: { signer: "grantee", listed: "newest" },
  erasure: { signer: "grantee" },
  erasure_withdrawal: { signer: "grantee" },
  repair: { signer: "director" },
  restoration: { signer: "director" },
  invitation: { signer: "director" },
  lock: { signer: "member" },
  tombstone: { signer: "installation", use: "ledger" },
  certificate: { signer: "installation", use: "ledger" },
  certificate_check: { signer: "member" },
  checkpoint: { signer: "installation", use: "checkpoint" },
};

/** The row of a type; undefined for a name that is none. */
export const factsOf = (kind: string): Facts | undefined => (Object.hasOwn(TABLE, kind) ? TABLE[kind] : undefined);
