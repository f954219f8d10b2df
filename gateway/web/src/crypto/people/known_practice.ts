/** Whether a signed file is of a practice that its reader knows: anybody can sign one of her own making. */
import { sha256, toHex } from "../bytes.ts";
import type { Findings } from "../checks.ts";
import { fingerprint as wordsOf, passphrase } from "../keys/words.ts";
import type { Rosters } from "../rules/rosters.ts";

/** What a reader knows: the practice's id, or of one of its roots the six words or the hex SHA-256. */
export interface Reader {
  readonly practice: string | null;
  readonly fingerprint: string | null;
}

export async function checkPractice(findings: Findings, rosters: Rosters, { practice, fingerprint }: Reader): Promise<void> {
  if (practice === null && fingerprint === null) findings.add("practice", "practice_unknown");
  if (practice !== null && practice !== rosters.newest.practice) findings.add("practice", "other_practice");
  if (fingerprint !== null && !(await isOfAny(fingerprint, rosters.roots))) findings.add("practice", "other_fingerprint");
}

async function isOfAny(fingerprint: string, roots: readonly Uint8Array[]): Promise<boolean> {
  const { canonical } = passphrase(fingerprint);
  const known = async (root: Uint8Array): Promise<boolean> =>
    canonical === (await wordsOf(root)) || canonical === toHex(await sha256(root));
  return (await Promise.all(roots.map(known))).includes(true);
}
