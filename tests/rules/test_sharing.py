"""What the practice's policy lets a share be, to the last second and the last pick-up (R2)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.records import practice, samples
from tests.records.practice import NOW
from vault.records.types.policy import Policy
from vault.records.types.share import Share
from vault.rules.sharing import may_share
from vault.rules.verdict import ALLOWED, Refused

SECOND = timedelta(seconds=1)
POLICY = Policy.read(practice.policy(practice.rosters()))
LATEST = NOW + timedelta(days=90, minutes=5)  # what the policy of the tests allows, and a clock that is fast


def verdict(**changes):
    wanted = {"expires_at": NOW + timedelta(days=7), **changes}
    return may_share(Share.read(samples.share(**wanted)), POLICY, NOW)


@pytest.mark.parametrize(
    ("changes", "answer"),
    [
        pytest.param({}, ALLOWED, id="a copy for a week"),
        pytest.param({"expires_at": NOW + SECOND}, ALLOWED, id="the shortest"),
        pytest.param({"expires_at": NOW}, Refused("limit"), id="over already"),
        pytest.param({"expires_at": LATEST}, ALLOWED, id="the longest, by a clock that is five minutes fast"),
        pytest.param({"expires_at": LATEST + SECOND}, Refused("limit"), id="a second longer"),
        pytest.param({"max": 100}, ALLOWED, id="as many pick-ups as may be"),
        pytest.param({"max": 100 + 1}, Refused("limit"), id="one pick-up more"),
        pytest.param({"documents": ()}, Refused("not_allowed"), id="a copy of nothing"),
        pytest.param({"kind": "drop"}, Refused("not_allowed"), id="a kind that is not offered"),
        pytest.param({"kind": "disclosure"}, Refused("consent_required"), id="to others without a consent"),
    ],
)
def test_a_share_keeps_within_the_policy(changes, answer):
    assert verdict(**changes) == answer
