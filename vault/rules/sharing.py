"""The rules for a share: the practice's policy, and nothing to third parties without consent (R2)."""

from __future__ import annotations

from datetime import datetime, timedelta

from vault.records.types.policy import Policy
from vault.records.types.share import COPY, DISCLOSURE, Share
from vault.rules.verdict import ALLOWED, Refused, Verdict

CLOCK_SKEW = timedelta(minutes=5)


def may_share(record: Share, policy: Policy, now: datetime) -> Verdict:
    """Whether the practice's policy allows this new share."""
    if record.kind == DISCLOSURE:
        return Refused("consent_required")
    if record.kind != COPY or not record.documents:
        return Refused("not_allowed")
    if not now < record.expires_at <= now + timedelta(days=policy.share_days) + CLOCK_SKEW:
        return Refused("limit")
    return ALLOWED if record.max <= policy.share_max else Refused("limit")
