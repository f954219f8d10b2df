"""How long a pick-up may be resumed, to the last second."""

from __future__ import annotations

from datetime import timedelta

from tests.actors import NOW
from vault.domain.shares import PickupRow

SECOND = timedelta(seconds=1)


def test_a_pickup_resumes_within_exactly_an_hour():
    pickup = PickupRow("s", b"n", NOW, NOW)
    assert pickup.live(NOW + timedelta(hours=1))
    assert not pickup.live(NOW + timedelta(hours=1) + SECOND)
