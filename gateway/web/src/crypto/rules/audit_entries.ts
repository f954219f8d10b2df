/** The hashes that make the entries of a dossier's audit one chain (FORMAT.md, "Audit"). */
import { lp, sha256, toHex, utf8 } from "../bytes.ts";

/** What the first entry of a chain follows. */
export const GENESIS = "0".repeat(64);

/** What an entry says, `at` as it is spelled. */
export interface Said {
  readonly sequence: number;
  readonly previous: string;
  readonly at: string;
  readonly event: string;
  readonly actor: string;
  readonly digest: string;
}

export const entryHash = async (dossier: string, { sequence, previous, at, event, actor, digest }: Said): Promise<string> =>
  toHex(await sha256(lp(...["vault/v1/audit", dossier, String(sequence), previous, at, event, actor, digest].map(utf8))));

export const detailsDigest = async (details: Uint8Array): Promise<string> =>
  toHex(await sha256(lp(utf8("vault/v1/audit/details"), details)));
