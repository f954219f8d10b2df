"""The domain's small rules: states, waits, names of objects."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.actors import NOW
from vault.domain.dossiers import ABANDONED_AFTER, object_name
from vault.domain.erasures import HORIZON
from vault.domain.sessions import SessionLimits, SessionRow, ThrottleRow, next_throttle, wait_after
from vault.domain.shares import PickupRow


@pytest.mark.parametrize(
    ("failures", "seconds"), [(0, 0), (4, 0), (5, 60), (6, 120), (10, 1920), (11, 3600), (500, 3600)]
)
def test_the_wait_doubles_to_an_hour_and_never_further(failures, seconds):
    assert wait_after(failures) == timedelta(seconds=seconds)


def test_a_quiet_day_forgets_the_failures():
    seven = ThrottleRow(b"k", 7, NOW)
    assert next_throttle(seven, b"k", NOW + timedelta(hours=1)).failures == 8
    assert next_throttle(seven, b"k", NOW + timedelta(days=1)).failures == 8
    assert next_throttle(seven, b"k", NOW + timedelta(days=1, seconds=1)).failures == 1
    assert next_throttle(None, b"k", NOW) == ThrottleRow(b"k", 1, NOW)


def test_a_session_lives_within_both_limits():
    limits = SessionLimits()
    session = SessionRow(b"t", "m", NOW, NOW)
    assert session.live(NOW + timedelta(hours=12), limits)
    assert not session.live(NOW + timedelta(hours=12, seconds=1), limits)
    used = SessionRow(b"t", "m", NOW, NOW + timedelta(days=7))
    assert used.live(NOW + timedelta(days=7), limits)
    assert not used.live(NOW + timedelta(days=7, seconds=1), limits)


def test_a_pickup_lives_an_hour_from_its_last_segment():
    pickup = PickupRow("s", b"n", NOW, NOW + timedelta(hours=23, minutes=30))
    assert pickup.live(NOW + timedelta(hours=24))
    assert not pickup.live(NOW + timedelta(hours=24, seconds=1))
    assert object_name("a", "b", 7) == "a/b/00007"


def test_what_users_are_told_of_the_terms_holds():
    """FORMAT.md section 9: fourteen days to the horizon; an upload that nobody finishes is removed after a day."""
    assert timedelta(days=14) == HORIZON
    assert timedelta(days=1) == ABANDONED_AFTER
