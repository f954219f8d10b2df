/** Whether the practice's policy lets a share be made, and nothing to third parties without consent (FORMAT.md, "Sharing"). */
import type { Policy } from "../records/types/policy.ts";
import { COPY, DISCLOSURE, type Share } from "../records/types/share.ts";
import { refuse } from "../refusal.ts";
import { CLOCK_SLACK } from "./terms.ts";

export function checkShare(share: Share, policy: Policy, now: number): void {
  if (share.kind === DISCLOSURE) refuse("a disclosure needs consent", "consent_required");
  if (share.kind !== COPY || share.documents.length === 0) refuse("no copy of documents", "not_allowed");
  const life = share.expiresAt - now;
  const within = life > 0 && life <= policy.shareDays * 86_400 + CLOCK_SLACK && share.max <= policy.shareMax;
  if (!within) refuse("beyond what the policy gives", "limit");
}
