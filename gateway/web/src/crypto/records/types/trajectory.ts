/** The trajectory record: the start and the end of guidance; the end starts the clock of retention. */
import { refuse } from "../../refusal.ts";
import type { Fields } from "../encoding.ts";
import * as read from "../read.ts";
import { type Hashed, memberCommon } from "../record.ts";

export function readTrajectory(fields: Fields) {
  const found = {
    ...memberCommon(fields),
    dossier: read.identifier(fields, "dossier"),
    id: read.identifier(fields, "trajectory"),
    version: read.integer(fields, "version", 1),
    previous: read.possiblyNull(fields, "previous"),
    start: read.day(fields, "start"),
    end: read.possibly(read.day, fields, "end"),
    policy: read.digest(fields, "policy"),
    grace: read.boolean(fields, "grace"),
    at: read.instant(fields, "at"),
  };
  return found.end !== null && found.end < found.start ? refuse("a trajectory ends before it starts") : found;
}

export type Trajectory = ReturnType<typeof readTrajectory> & Hashed;
