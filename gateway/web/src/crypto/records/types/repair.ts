/** The repair: a director's word that what devices have seen, and no server shows any more, does not count. */
import { refuse } from "../../refusal.ts";
import type { Fields } from "../encoding.ts";
import * as read from "../read.ts";
import { type Hashed, memberCommon } from "../record.ts";

const OF_A_SUBJECT: readonly string[] = ["dossier", "index", "link", "audit", "trajectory", "profile"];
const CHAINS = ["ledger", "checkpoint", ...OF_A_SUBJECT];

function readAside(fields: Fields) {
  const found = {
    chain: read.oneOf(fields, "chain", CHAINS),
    number: read.integer(fields, "number", 1),
    hash: read.digest(fields, "hash"),
    subject: read.possibly(read.identifier, fields, "subject"),
  };
  if (OF_A_SUBJECT.includes(found.chain) !== (found.subject !== null)) refuse("a subject that its chain has not");
  return found;
}

export type Aside = ReturnType<typeof readAside>;

/** As people pass it on, to be typed or pasted. */
export const codeOf = ({ chain, number, hash, subject }: Aside): string =>
  [chain, ...(subject === null ? [] : [subject]), number, hash].join(":");

export const readRepair = (fields: Fields) => ({
  ...memberCommon(fields),
  asides: read.distinct("sets_aside", read.objects(fields, "sets_aside", 350, 1).map(readAside), codeOf),
  reason: read.text(fields, "reason", 1000),
  at: read.instant(fields, "at"),
});

export type Repair = ReturnType<typeof readRepair> & Hashed;
