"""The client's clock can be moved for a try, and its day is the practice's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from vault.errors import ConfigurationError
from vault.sdk.device import clock


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("+1827d", timedelta(days=1827)),
        ("-90m", timedelta(minutes=-90)),
        ("0s", timedelta(0)),
        ("2h", timedelta(hours=2)),
    ],
)
def test_a_clock_can_be_moved(text: str, expected: timedelta, monkeypatch: pytest.MonkeyPatch) -> None:
    assert clock.parse_offset(text) == expected
    monkeypatch.setenv("DOSSIER_CLOCK_OFFSET", text)
    assert abs(clock.now() - datetime.now(UTC) - expected) < timedelta(seconds=5)


@pytest.mark.parametrize("text", ["", "d", "1", "1w", "+1.5d", "++1d", "999999999d", "\u0661d"])
def test_an_offset_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError):
        clock.parse_offset(text)


def test_the_day_is_the_one_in_amsterdam() -> None:
    assert clock.local_day(datetime(2026, 6, 30, 22, 30, tzinfo=UTC)).isoformat() == "2026-07-01"
