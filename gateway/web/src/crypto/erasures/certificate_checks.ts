/** The members' checks in a certificate's file: who verified it, and when (FORMAT.md, "Certificate file"). */
import type { Findings } from "../checks.ts";
import type { Envelope } from "../records/envelope.ts";
import type { Certificate } from "../records/types/certificate.ts";
import { isActive } from "../records/types/roster.ts";
import type { Tombstone } from "../records/types/tombstone.ts";
import { countedCheck } from "../rules/certificate_checks.ts";
import type { Rosters } from "../rules/rosters.ts";
import { CLOCK_SLACK } from "../rules/terms.ts";

export interface Checked {
  readonly member: string;
  /** Seconds since 1970. */
  readonly at: number;
  /** She is not active in the file's newest roster. Her check counts still. */
  readonly left: boolean;
}

/** The checks that count, one of each member; any other is a fault, since nobody's device keeps such a one. */
export async function findChecks(
  findings: Findings,
  envelopes: readonly Envelope[],
  [certificate, tombstones]: readonly [Certificate, readonly Tombstone[]],
  rosters: Rosters,
  now: number,
): Promise<readonly Checked[]> {
  const found = new Map<string, Checked>();
  for (const envelope of envelopes) {
    const check = await findings.try("checks", "check_not_valid", () => countedCheck(envelope, certificate, tombstones, rosters));
    if (check === null) continue;
    const { signer: member, at } = check;
    if (found.has(member)) findings.add("checks", "checked_twice");
    else if (at > now + CLOCK_SLACK) findings.add("checks", "check_of_the_future");
    else found.set(member, { member, at, left: !isActive(rosters.newest, member) });
  }
  return [...found.keys()].sort().flatMap((member) => found.get(member) ?? []);
}
