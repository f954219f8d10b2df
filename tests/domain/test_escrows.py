"""When an escrow is sealed anew, and when the records that ask for it are not those it was made for."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from vault.domain.escrows import Escrowed, goes_back, is_due
from vault.records.standing import Standing

NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)
DAY = timedelta(days=1)
ROSTER = Standing(3, "ab" * 32)
KNOWN = Escrowed("cd" * 16, ROSTER, ("a", "b"), NOW)


@pytest.mark.parametrize(
    ("known", "roster", "now", "due"),
    [
        (None, ROSTER, NOW, True),
        (KNOWN, ROSTER, NOW, False),
        (replace(KNOWN, whole=False), ROSTER, NOW, True),
        (KNOWN, Standing(4, "ab" * 32), NOW, True),
        (KNOWN, Standing(3, "ac" * 32), NOW, True),
        (KNOWN, ROSTER, NOW + 7 * DAY, False),
        (KNOWN, ROSTER, NOW + 7.01 * DAY, True),
        (KNOWN, ROSTER, NOW - 8 * DAY, True),  # made while the clock was ahead
        (replace(KNOWN, recipients=("a",)), ROSTER, NOW + DAY / 25, False),
        (replace(KNOWN, recipients=("a",)), ROSTER, NOW + DAY / 23, True),
    ],
)
def test_it_is_due_for_another_roster_for_age_and_for_one_who_is_left_out(known, roster, now, due):
    assert is_due(known, KNOWN.practice, roster, 2, now) is due


def test_it_is_due_for_another_practice():
    assert is_due(KNOWN, "ee" * 16, ROSTER, 2, NOW)


@pytest.mark.parametrize(
    ("practice", "roster", "back"),
    [
        (KNOWN.practice, ROSTER, False),
        (KNOWN.practice, Standing(4, "ff" * 32), False),
        (KNOWN.practice, Standing(2, "ab" * 32), True),
        (KNOWN.practice, Standing(3, "ff" * 32), True),
        ("ee" * 16, Standing(9, "ab" * 32), True),
    ],
)
def test_rosters_go_on_from_those_it_was_made_for(practice, roster, back):
    assert goes_back(KNOWN, practice, roster) is back
