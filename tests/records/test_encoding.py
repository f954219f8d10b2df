"""FORMAT.md "Basics": one spelling each, everything else refused whole."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vault.records.encoding import (
    FIRST_YEAR,
    LAST_YEAR,
    RecordError,
    dump,
    format_instant,
    from_base64url,
    lp,
    parse_instant,
    parse_object,
    to_base64url,
)

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.text(st.characters(codec="utf-8", exclude_characters="\0")),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(codec="utf-8", exclude_characters="\0")), inner, max_size=4)
    ),
    max_leaves=10,
)


@settings(suppress_health_check=[HealthCheck.too_slow])  # the alphabet is built on first use
@given(st.dictionaries(st.text(st.characters(codec="utf-8", exclude_characters="\0")), values, max_size=5))
def test_what_is_dumped_is_parsed(fields):
    assert parse_object(dump(fields), limit=10**6) == fields


def test_text_is_written_as_it_is_and_no_number_that_readers_refuse():
    assert dump({"naam": "Zoë", "n": [1, None, True]}) == '{"naam":"Zoë","n":[1,null,true]}'.encode()
    with pytest.raises(ValueError, match="JSON compliant"):
        dump({"n": float("nan")})


@given(st.binary(max_size=200))
def test_any_bytes_are_parsed_or_refused_as_a_record_error(raw):
    try:
        parse_object(raw, limit=100)
    except RecordError:
        return
    assert isinstance(json.loads(raw), dict)


@pytest.mark.parametrize(
    "raw",
    [
        b'{"a":1,"a":2}',
        b'{"a":{"b":1,"b":1}}',
        b'{"a":1.0}',
        b'{"a":1e3}',
        b'{"a":NaN}',
        b'{"a":Infinity}',
        b'{"a":9007199254740992}',
        b'{"a":' + b"9" * 5000 + b"}",
        b'{"a":"\\ud800"}',
        b'{"\\udfff":1}',
        b'{"a":"\\u0000"}',
        b'{"a":"\xff"}',
        b"[1]",
        b"1",
        b"",
        b"{} {}",
        b'{"a":' + b"[" * 17 + b"]" * 17 + b"}",
        b'{"a":' + b"[" * 50_000,
        b'{"a":"' + b"x" * 70_000 + b'"}',
    ],
)
def test_json_outside_the_format_is_refused(raw):
    with pytest.raises(RecordError):
        parse_object(raw, limit=65_536)


def test_sixteen_levels_below_the_object_are_not_too_deep():
    levels = 16
    nested = b"[" * levels + b"]" * levels
    assert dump(parse_object(b'{"a":' + nested + b"}", limit=100)) == b'{"a":' + nested + b"}"
    with pytest.raises(RecordError):
        parse_object(b'{"a":[' + nested + b"]}", limit=100)


@pytest.mark.parametrize(("levels", "held"), [(16, True), (17, False)])
def test_objects_are_counted_as_levels_too(levels, held):
    raw = b'{"a":' * levels + b"1" + b"}" * levels
    if held:
        assert dump(parse_object(raw, limit=200)) == raw
        return
    with pytest.raises(RecordError):
        parse_object(raw, limit=200)


@pytest.mark.parametrize("number", [2**53 - 1, -(2**53) + 1, 0, -1])
def test_whole_numbers_reach_to_what_every_language_counts_exactly(number):
    assert parse_object(b'{"a":%d}' % number, limit=100) == {"a": number}


@pytest.mark.parametrize("number", [2**53, -(2**53), 10**17])
def test_greater_numbers_are_refused(number):
    with pytest.raises(RecordError):
        parse_object(b'{"a":%d}' % number, limit=100)


def test_four_byte_utf8_is_text_like_any_other():
    assert parse_object(b'{"a":"\xf0\x9f\x98\x80"}', limit=100) == {"a": "\U0001f600"}


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
