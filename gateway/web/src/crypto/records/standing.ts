/** The roster that a record stands on (FORMAT.md, "Envelope"). */
import type { Fields } from "./encoding.ts";
import * as read from "./read.ts";

export interface Standing {
  readonly version: number;
  readonly hash: string;
}

/** The field `roster` of every record but the roster. */
export function readStanding(fields: Fields): Standing {
  const said = read.mapping(fields, "roster");
  return { version: read.integer(said, "version", 1), hash: read.digest(said, "hash") };
}
