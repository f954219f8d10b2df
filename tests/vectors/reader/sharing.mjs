// FORMAT.md, Sharing.
import { instant } from "./fields.mjs";

export function mayShare({ limits }, share, now) {
  if (share.kind === "disclosure") return "consent_required";
  if (share.kind !== "copy" || share.documents.length === 0) return "not_allowed";
  const life = instant(share.expires_at) - instant(now);
  return life > 0 && life <= limits.share_days * 86_400 + 300 && share.max <= limits.share_max ? "allowed" : "limit";
}
