"""The bounds of every number, list and text of a record: what lies on them is read, what lies beyond is refused."""

from __future__ import annotations

import copy
import json

import pytest

from tests.records import samples
from tests.records.practice import COACH, KEYS, PRACTICE
from tests.records.test_types import READERS
from vault.records import read as fields
from vault.records import table
from vault.records.encoding import RecordError, to_base64url
from vault.records.envelope import Envelope, from_json, parse, parse_record, write
from vault.records.strict_json import MAX_INTEGER, dump
from vault.records.table import TABLE, limit_of

SAMPLES = samples.every()
RESERVED = {"request", "consent", "withdrawal", "review", "hold"}
MIB = 1_048_576

NUMBERS = [
    *((kind, "roster.version", 1, MAX_INTEGER) for kind in sorted(READERS) if kind != "roster"),
    *((kind, "version", 1, MAX_INTEGER) for kind in ("roster", "policy", "dossier", "profile", "trajectory")),
    *((kind, "epoch", 1, MAX_INTEGER) for kind in ("dossier", "wrap")),
    *((kind, "sequence", 1, MAX_INTEGER) for kind in ("index", "tombstone", "checkpoint")),
    *(("policy", f"retention.{kind}", 1, 60) for kind in ("client", "commissioner")),
    ("policy", "limits.share_days", 1, 90),
    ("policy", "limits.share_max", 1, 10_000),
    ("document", "size", 16, 2**43),
    ("intent", "size", 16, 2**43),
    ("share", "max", 1, 10_000),
    *(
        ("certificate", f"counts.{what}", 0, MAX_INTEGER)
        for what in ("documents", "shares", "objects", "bytes", "keys")
    ),
    ("checkpoint", "chains", 0, MAX_INTEGER),
    ("checkpoint", "ledger", 0, MAX_INTEGER),
]


def hashes(count, size):
    return [f"{number:0{2 * size}x}" for number in range(count)]


def members(count):
    base = SAMPLES["roster"].fields["members"][0]
    return [{**base, "id": id_} for id_ in hashes(count, 16)]


def grantees(*ids):
    return [{"id": id_, "role": "holder"} for id_ in ids]


def installations(count):
    keys = (to_base64url(bytes([number]) * 32) for number in range(count))
    return [{"key": key, "uses": ["ledger"], "since": "2026-11-23T09:00:00Z"} for key in keys]


def shared(count):
    return [{"document": id_, "record": "00" * 32} for id_ in hashes(count, 16)]


LISTS = [
    ("roster", "members", members, 1, 1000),
    ("roster", "installations", installations, 0, 64),
    ("roster", "suites.signature", lambda count: [f"suite{number}" for number in range(count)], 1, 8),
    ("roster", "suites.dossier", lambda count: [f"suite{number}" for number in range(count)], 1, 8),
    ("dossier", "grantees", lambda count: grantees(*hashes(count, 16)), 1, 1000),
    ("index", "added", lambda count: hashes(count, 32), 0, 10_000),
    ("share", "documents", shared, 0, 500),
    ("erasure", "documents", lambda count: hashes(count, 16), 0, 500),
    ("certificate", "tombstones", lambda count: hashes(count, 32), 1, 500),
]

TEXTS = [
    ("policy", "name", 200),
    ("dossier", "recipient", 4000),
    ("roster", "recovery", 4000),
    ("certificate", "method", 1000),
]


CHOICES = [
    ("roster", "kind", "ordinary recovery"),
    ("dossier", "kind", "client commissioner"),
    ("document", "kind", "report quote plan correspondence consent other"),
    ("intent", "kind", "report quote plan correspondence consent other"),
    ("share", "kind", "copy disclosure review drop client"),
    ("share", "mode", "plain passphrase locator"),
    ("erasure", "basis", "client staff"),
    ("tombstone", "subject.kind", "dossier document"),
    ("tombstone", "reason", "client staff"),  # `retention` goes without a request
    ("certificate", "kind", "dossier document"),
    ("certificate", "reason", "retention client staff"),
]


def changed(kind, path, value):
    """The sample of that type with one field, or a field of a field, made another."""
    fields = copy.deepcopy(SAMPLES[kind].fields)
    *outer, name = path.split(".")
    inside = fields
    for step in outer:
        inside = inside[step]
    inside[name] = value
    return Envelope(kind, b"", (), fields)


def read(kind, path, value):
    return READERS[kind](changed(kind, path, value))


def refused(kind, path, value):
    with pytest.raises(RecordError):
        read(kind, path, value)


@pytest.mark.parametrize(("kind", "path", "least", "most"), NUMBERS)
def test_a_number_stays_within_its_bounds(kind, path, least, most):
    for number in (least, most):
        assert (
            changed(kind, path, number).fields
            == changed(kind, path, number).fields | read(kind, path, number).content()
        )
    for number in (least - 1, most + 1):
        refused(kind, path, number)


@pytest.mark.parametrize(("kind", "path", "make", "least", "most"), LISTS)
def test_a_list_stays_within_its_bounds(kind, path, make, least, most):
    for count in (least, most):
        assert read(kind, path, make(count))
    for count in (least - 1, most + 1):
        if count >= 0:
            refused(kind, path, make(count))


@pytest.mark.parametrize(
    ("kind", "path", "size"),
    [
        ("index", "added", 32),
        ("erasure", "documents", 16),
        ("certificate", "tombstones", 32),
    ],
)
def test_a_set_of_hashes_has_one_spelling(kind, path, size):
    low, high = "0a" * size, "0b" * size
    assert read(kind, path, [low, high]).content()[path] == [low, high]
    for other in (low[2:], low + "0a", low.upper(), "g" * 2 * size, low[:-1] + "\n", 1, None):
        refused(kind, path, [other])
    for other in ([high, low], [low, low]):
        refused(kind, path, other)


def test_the_grantees_of_a_dossier_have_one_spelling():
    low, high = "0a" * 16, "0b" * 16
    assert read("dossier", "grantees", grantees(low, high)).members == {low, high}
    for other in (grantees(high, low), grantees(low, low), [{"id": low}], [low], [{"id": low[2:], "role": "holder"}]):
        refused("dossier", "grantees", other)
    twice = [{"id": low, "role": "assistant"}, {"id": low, "role": "holder"}]
    refused("dossier", "grantees", twice)
    refused("dossier", "grantees", twice[::-1])


@pytest.mark.parametrize(("kind", "path", "size"), [("dossier", "dossier", 16), ("profile", "text", 32)])
def test_an_id_or_hash_has_one_spelling(kind, path, size):
    assert read(kind, path, "0a" * size).content()[path] == "0a" * size
    for other in ("0a" * (size - 1), "0a" * (size + 1), "0A" * size, "g" * 2 * size, "0a" * (size - 1) + "0\n", 1):
        refused(kind, path, other)


@pytest.mark.parametrize(("kind", "path", "choices"), CHOICES)
def test_a_word_that_the_format_does_not_list_is_read_and_told_apart(kind, path, choices):
    for word in choices.split():
        known = read(kind, path, word)
        assert changed(kind, path, word).fields.items() >= known.content().items()
        assert known.unknown_word == ""
    later = read(kind, path, "another_1")
    assert changed(kind, path, "another_1").fields.items() >= later.content().items()
    assert later.unknown_word == path.rpartition(".")[2]
    for word in ("", choices.upper(), "a b", "x" * 33):
        refused(kind, path, word)


@pytest.mark.parametrize("role", ["director", "coach", "assistant"])
def test_a_member_has_a_role_and_one_that_is_unknown_gives_no_right(role):
    one, *others = SAMPLES["roster"].fields["members"]
    roster = read("roster", "members", [{**one, "role": role}, *others])
    assert roster.members[0].role == role
    assert (one["id"] in roster.active) == (role != "assistant") == (roster.unknown_word == "")
    assert (one["id"] in roster.directors) == (role == "director")
    assert one["id"] in roster.present
    refused("roster", "members", [{**one, "role": role.upper()}, *others])


@pytest.mark.parametrize("role", ["holder", "director", "assistant"])
def test_a_grantee_has_a_role_and_one_that_is_unknown_gives_no_right(role):
    head = read("dossier", "grantees", [{"id": "0a" * 16, "role": role}, *grantees("0b" * 16)])
    assert head.members == {"0a" * 16, "0b" * 16}
    assert ("0a" * 16 in head.holders) == (role == "holder") == (head.unknown_word == "")
    assert "0b" * 16 in head.holders


def test_a_suite_stands_once():
    for suites, one in (("signature", "ed25519"), ("dossier", "mlkem768x25519")):
        refused("roster", f"suites.{suites}", [one, one])
        refused("roster", f"suites.{suites}", [])


def test_every_type_of_record_is_known_and_some_are_reserved():
    assert set(READERS) == set(TABLE)
    assert RESERVED == table.RESERVED


@pytest.mark.parametrize(("kind", "path", "limit"), TEXTS)
def test_a_text_stays_within_its_bounds(kind, path, limit):
    for text in ("x", "x" * limit, "é" * (limit // 2)):
        assert read(kind, path, text)
    for text in ("", "x" * (limit + 1), "é" * (limit // 2 + 1)):
        refused(kind, path, text)


@pytest.mark.parametrize(
    ("kind", "path", "value"),
    [
        *((kind, "previous", "ab" * 32) for kind in sorted(SAMPLES) if "previous" in SAMPLES[kind].fields),
        ("dossier", "index", "ab" * 32),
        ("share", "consent", "ab" * 32),
        ("trajectory", "end", "2031-11-23"),
        ("tombstone", "request", "ab" * 32),
    ],
)
def test_a_field_that_may_be_null_is_read_where_it_is_not(kind, path, value):
    assert read(kind, path, value).content()[path] == value


def test_a_member_who_left_is_read_with_the_moment():
    one, *others = SAMPLES["roster"].fields["members"]
    left = [{**one, "until": "2026-11-24T09:00:00Z"}, *others]
    assert read("roster", "members", left).content()["members"] == left
    refused("roster", "members", [{**one, "until": "2026-11-24"}])


def test_a_suite_has_a_name_of_at_most_32_characters():
    for suites in ("signature", "dossier"):
        assert read("roster", f"suites.{suites}", ["x" * 32]).content()["suites"][suites] == ["x" * 32]
        refused("roster", f"suites.{suites}", ["x" * 33])


def signature(**changes):
    return {"alg": "future", "signer": "x", "sig": "", **changes}


@pytest.mark.parametrize(
    ("signatures", "held"),
    [
        ([signature()], True),
        ([signature()] * 8, True),
        ([signature()] * 9, False),
        ([signature(alg="x" * 32)], True),
        ([signature(alg="x" * 33)], False),
        ([signature(signer="x" * 100)], True),
        ([signature(signer="x" * 101)], False),
    ],
)
def test_an_envelope_carries_one_to_eight_signatures(signatures, held):
    value = {**SAMPLES["profile"].to_json(), "signatures": signatures}
    if held:
        assert len(from_json(value, "profile").signatures) == len(signatures)
        return
    with pytest.raises(RecordError):
        from_json(value, "profile")


@pytest.mark.parametrize(("length", "held"), [(100, True), (101, False)])
def test_a_signer_has_a_name_of_at_most_100_characters(length, held):
    record = dump({"v": 1, "type": "profile", "practice": PRACTICE, "signer": "x" * length})
    if held:
        assert parse_record(record, "profile")["signer"] == "x" * length
        return
    with pytest.raises(RecordError):
        parse_record(record, "profile")


@pytest.mark.parametrize(
    ("kind", "limit"), [("profile", 65_536), ("share", 65_536), ("roster", MIB), ("index", MIB), ("dossier", MIB)]
)
def test_a_record_has_as_many_bytes_as_its_type_allows(kind, limit):
    """The greatest one is written, travels and is read; with one byte more it is neither written nor read."""
    assert limit_of(kind) == limit
    room = limit - len(write(kind, {"filler": ""}, practice=PRACTICE, signer=COACH, key=KEYS[COACH]).record)
    greatest = write(kind, {"filler": "x" * room}, practice=PRACTICE, signer=COACH, key=KEYS[COACH])
    assert len(greatest.record) == limit
    assert parse(greatest.to_bytes(), kind) == greatest
    with pytest.raises(RecordError):
        write(kind, {"filler": "x" * (room + 1)}, practice=PRACTICE, signer=COACH, key=KEYS[COACH])
    with pytest.raises(RecordError):
        parse_record(greatest.record + b" ", kind)


def test_an_envelope_is_not_read_beyond_twice_its_record_and_its_signatures():
    raw = json.dumps(SAMPLES["profile"].to_json()).encode()
    most = 2 * 65_536 + 65_536
    assert parse(raw + b" " * (most - len(raw)), "profile").hash == SAMPLES["profile"].hash
    with pytest.raises(RecordError):
        parse(raw + b" " * (most - len(raw) + 1), "profile")


def test_a_list_may_be_empty_unless_its_type_says_otherwise():
    assert fields.objects({"all": []}, "all", most=1) == []
    assert fields.sorted_hexadecimal({"all": []}, "all", 16, most=1) == ()
