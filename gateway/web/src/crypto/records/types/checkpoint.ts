/** The checkpoint: the installation's signature over the heads of all audit chains at one moment. */
import { type Bytes, concat, lp, sha256, toHex, utf8 } from "../../bytes.ts";
import type { Fields } from "../encoding.ts";
import * as read from "../read.ts";
import { type Hashed, common } from "../record.ts";

/** One chain's leaf. */
export const leafOf = (dossier: string, sequence: number, head: string): Promise<Bytes> =>
  sha256(lp(...["vault/v1/checkpoint", dossier, String(sequence), head].map(utf8)));

/** What a checkpoint digests: the leaves in the order of their dossiers' ids; hex. */
export const headsDigest = async (leaves: readonly Bytes[]): Promise<string> => toHex(await sha256(concat(...leaves)));

export const readCheckpoint = (fields: Fields) => ({
  ...common(fields),
  sequence: read.integer(fields, "sequence", 1),
  previous: read.possiblyNull(fields, "previous"),
  chains: read.integer(fields, "chains"),
  heads: read.digest(fields, "heads"),
  ledger: read.integer(fields, "ledger"),
  at: read.instant(fields, "at"),
});

export type Checkpoint = ReturnType<typeof readCheckpoint> & Hashed;
