/** What the signer of a record had seen of the ledger and of the checkpoints (FORMAT.md, "Seen"). */
import { refuse } from "../refusal.ts";
import type { Fields } from "./encoding.ts";
import * as read from "./read.ts";

/** The newest entry of a chain that was seen: 0 and null where there was none. */
export interface Sighting {
  readonly number: number;
  readonly hash: string | null;
}

export interface Seen {
  readonly ledger: Sighting;
  readonly checkpoint: Sighting;
}

function sighting(fields: Fields, chain: string): Sighting {
  const said = read.mapping(fields, chain);
  const number = read.integer(said, "number"), hash = read.possiblyNull(said, "hash");
  if ((number === 0) !== (hash === null)) refuse("half a sighting");
  return { number, hash };
}

/** The field `seen`. */
export function readSeen(fields: Fields): Seen {
  const said = read.mapping(fields, "seen");
  return { ledger: sighting(said, "ledger"), checkpoint: sighting(said, "checkpoint") };
}
