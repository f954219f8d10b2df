/** A signed record as a value: its reader is a function of its fields, and its type is what that gives. */
import type { Fields } from "./encoding.ts";
import { type Envelope, recordHash } from "./envelope.ts";
import * as read from "./read.ts";
import { readSeen } from "./seen.ts";
import { readStanding } from "./standing.ts";

export interface Hashed {
  readonly hash: string;
}

/** What every record says but the roster. */
export const common = (fields: Fields) => ({
  practice: read.identifier(fields, "practice"),
  signer: read.text(fields, "signer", 100),
  standing: readStanding(fields),
});

/** What every record says by which a member speaks to others, but the roster. */
export const memberCommon = (fields: Fields) => ({ ...common(fields), seen: readSeen(fields) });

/** The record of an envelope, with its hash; who may sign it is another question (`rules/rights.ts`). */
export const readRecord = async <T>(envelope: Envelope, reader: (fields: Fields) => T): Promise<T & Hashed> =>
  ({ ...reader(envelope.fields), hash: await recordHash(envelope.kind, envelope.record) });
