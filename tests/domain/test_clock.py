"""When the server's clock is believed, and what an instant from ahead of it is worth, to the last second."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.actors import NOW
from vault.domain.clock import LONGEST_REST, ClockWord, Doubt, doubt, from_ahead, past
from vault.domain.sessions import LONGEST_WAIT, SessionLimits, SessionRow, ThrottleRow, next_throttle
from vault.domain.shares import PickupRow
from vault.rules.terms import CLOCK_SLACK

SECOND, MONTHS = timedelta(seconds=1), timedelta(days=183)
DIRECTORS, ACTIVE = {"d"}, {"d", "c", "e"}
AHEAD = NOW + MONTHS


@pytest.mark.parametrize(
    ("now", "believed"),
    [
        (NOW, True),
        (NOW + LONGEST_REST, True),
        (NOW + LONGEST_REST + SECOND, False),
        (NOW - CLOCK_SLACK, True),
        (NOW - CLOCK_SLACK - SECOND, False),
        (AHEAD, False),
        (NOW - MONTHS, False),
    ],
)
def test_a_clock_is_believed_for_a_day_after_it_last_was(now, believed):
    assert doubt(now, NOW, [], DIRECTORS, ACTIVE) == (None if believed else Doubt(NOW, now))


def test_a_clock_that_nothing_is_known_of_is_believed():
    assert doubt(AHEAD, None, [], DIRECTORS, ACTIVE) is None


@pytest.mark.parametrize(
    ("words", "believed"),
    [
        ({"d": AHEAD}, True),
        ({"d": AHEAD - LONGEST_REST}, True),
        ({"d": AHEAD - LONGEST_REST - SECOND}, False),
        ({"d": AHEAD + CLOCK_SLACK + SECOND}, False),
        ({"d": NOW}, False),
        ({"c": AHEAD}, False),
        ({"c": AHEAD, "e": AHEAD}, True),
        ({"c": AHEAD, "e": NOW}, False),
        ({"c": AHEAD, "gone": AHEAD}, False),
    ],
)
def test_a_directors_word_or_that_of_two_members_ends_the_doubt(words, believed):
    kept = [ClockWord(member, at) for member, at in words.items()]
    assert (doubt(AHEAD, NOW, kept, DIRECTORS, ACTIVE) is None) is believed


def test_a_heartbeat_from_ahead_is_none():
    beats = {"near": NOW + CLOCK_SLACK, "ahead": NOW + CLOCK_SLACK + SECOND}
    assert past(beats, NOW) == {"near": NOW + CLOCK_SLACK}
    assert from_ahead(beats["ahead"], NOW)


def test_a_session_from_ahead_is_over():
    assert SessionRow(b"t", "m", NOW + CLOCK_SLACK, NOW + CLOCK_SLACK).live(NOW, SessionLimits())
    assert not SessionRow(b"t", "m", NOW, AHEAD).live(NOW, SessionLimits())
    assert not SessionRow(b"t", "m", AHEAD, NOW).live(NOW, SessionLimits())


def test_a_throttle_from_ahead_makes_nobody_wait_and_counts_anew():
    longest = ThrottleRow(b"k", 20, NOW + LONGEST_WAIT + CLOCK_SLACK)
    assert longest.waits(NOW) == LONGEST_WAIT + CLOCK_SLACK
    assert next_throttle(longest, b"k", NOW).failures == 21
    ahead = ThrottleRow(b"k", 20, NOW + LONGEST_WAIT + CLOCK_SLACK + SECOND)
    assert ahead.waits(NOW) == timedelta(0)
    assert next_throttle(ahead, b"k", NOW) == ThrottleRow(b"k", 1, NOW)


def test_a_pickup_from_ahead_is_over():
    assert not PickupRow("s", b"n", AHEAD, AHEAD).live(NOW)
    assert not PickupRow("s", b"n", NOW, AHEAD).live(NOW)
    assert not PickupRow("s", b"n", AHEAD, AHEAD).holds(NOW)
    assert not PickupRow("s", b"n", NOW, AHEAD, AHEAD).holds(NOW)
