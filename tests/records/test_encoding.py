"""FORMAT.md "Basics": one spelling each, everything else refused whole."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.records.encoding import (
    FIRST_YEAR,
    LAST_YEAR,
    RecordError,
    fold_address,
    format_instant,
    from_base64url,
    lp,
    parse_instant,
    to_base64url,
)


@given(st.binary(max_size=70))
def test_base64url_has_one_spelling(raw):
    text = to_base64url(raw)
    assert "=" not in text
    assert from_base64url(text) == raw


def test_base64url_keeps_every_last_character():
    for last in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_":
        raw = from_base64url(f"AAA{last}")
        assert len(raw) == 3
        assert to_base64url(raw) == f"AAA{last}"


@pytest.mark.parametrize("text", ["AA==", "A", "AB", "A+", "A/", "A A", "AA\n", "é"])
def test_other_spellings_of_base64url_are_refused(text):
    with pytest.raises(RecordError):
        from_base64url(text)


# Whole hours and others, both hemispheres, a day that a country left out, and names for the same.
ZONES = [
    "Europe/Amsterdam",
    "America/New_York",
    "America/St_Johns",
    "Asia/Kathmandu",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Pacific/Chatham",
    "Africa/Casablanca",
    "UTC",
]


@given(
    st.datetimes(timezones=st.sampled_from([ZoneInfo(name) for name in ZONES]))
    .map(lambda at: at.replace(microsecond=0))
    .filter(lambda at: FIRST_YEAR < at.year < LAST_YEAR)
)
def test_instants_are_utc_and_round_trip(at):
    assert parse_instant(format_instant(at)) == at.astimezone(UTC)


def test_the_zone_of_the_machine_does_not_matter(monkeypatch):
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        assert format_instant(datetime(2026, 11, 23, 9, tzinfo=UTC)) == "2026-11-23T09:00:00Z"
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-22T10:00:00",
        "2026-11-22t10:00:00Z",
        "2026-02-30T10:00:00Z",
        "2026-11-22T24:00:00Z",
        "२०२६-11-22T10:00:00Z",
        "",
    ],
)
def test_other_spellings_of_an_instant_are_refused(text):
    with pytest.raises(RecordError):
        parse_instant(text)


@pytest.mark.parametrize("text", ["1899-12-31T23:59:59Z", "3000-01-01T00:00:00Z", "0001-01-01T00:00:00Z"])
def test_an_instant_of_another_age_is_refused(text):
    with pytest.raises(RecordError):
        parse_instant(text)


@pytest.mark.parametrize("text", ["1900-01-01T00:00:00Z", "2999-12-31T23:59:59Z"])
def test_the_first_and_the_last_instant_are_instants(text):
    assert format_instant(parse_instant(text)) == text


def test_length_prefixes_keep_parts_apart():
    assert lp(b"ab", b"c") == b"\0\0\0\2ab\0\0\0\1c"
    assert lp(b"a", b"bc") != lp(b"ab", b"c")


def test_an_address_has_one_spelling():
    assert fold_address(" \u2003Ann\u00e1@Voorbeeld.NL\u2028") == "ann\u00e1@voorbeeld.nl"
    assert fold_address("\x1ca@b.nl\x1f") == "\x1ca@b.nl\x1f", "what other languages do not call white space stays"
