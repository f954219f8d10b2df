/** Which repair counts: one that a director signed, who is still one (FORMAT.md, "Repairs"). */
import type { Envelope } from "../records/envelope.ts";
import { readRecord } from "../records/record.ts";
import { isDirector } from "../records/types/roster.ts";
import { type Repair, readRepair } from "../records/types/repair.ts";
import { refuse } from "../refusal.ts";
import { checkSigner } from "./rights.ts";
import type { Rosters } from "./rosters.ts";

/** The verified repair; refused as `quarantined` until a director who is there repeats it. */
export async function countedRepair(envelope: Envelope, rosters: Rosters): Promise<Repair> {
  await checkSigner(envelope, rosters);
  const repair = await readRecord(envelope, readRepair);
  return isDirector(rosters.newest, repair.signer) ? repair : refuse("its director has left since", "quarantined");
}
