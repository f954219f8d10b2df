"""Basics, boxes, envelopes and signatures come out as the vectors say, which every language reads."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.records import vectors, vectors_ed25519, vectors_fields
from vault.records.encoding import RecordError, from_base64url, parse_day, parse_instant
from vault.records.table import TABLE

FILES = {**vectors.FILES, "2-ed25519": vectors_ed25519.ed25519, "3-fields": vectors_fields.fields}


def read(name: str) -> Any:
    return json.loads((vectors.FOLDER / f"{name}.json").read_bytes())


@pytest.mark.parametrize("name", sorted(FILES))
def test_the_published_vectors_are_what_is_made_today(name: str) -> None:
    assert FILES[name]() == read(name)


@pytest.mark.parametrize("family", ["base64url", "id", "instant", "day", "integer", "text"])
def test_both_verdicts_are_in_each_family(family: str) -> None:
    found = read("2-basics")[family]
    assert found["accept"]
    assert found["refuse"]


@pytest.mark.parametrize(
    ("family", "reader"), [("base64url", from_base64url), ("instant", parse_instant), ("day", parse_day)]
)
def test_what_is_no_spelling_is_refused(family: str, reader: Any) -> None:
    for text in read("2-basics")[family]["refuse"]:
        with pytest.raises(RecordError):
            reader(text)


def test_every_verdict_of_an_envelope_is_in_the_vectors() -> None:
    assert {case["verdict"] for case in read("3-envelopes")["cases"]} == {
        "allowed",
        "record_invalid",
        "signature_invalid",
        "software_old",
    }


def test_a_signature_of_small_order_is_refused_by_whatever_library_is_here() -> None:
    """WebCrypto takes some of these: a library that did would make one signature hold for every record."""
    cases = read("2-ed25519")["cases"]
    assert sum(case["verdict"] == "accepted" for case in cases) == 3
    assert all(case["verdict"] == "refused" for case in cases if "small order" in case["name"])


def test_every_type_of_record_is_accepted_and_refused_by_its_fields() -> None:
    found = {(case["type"], case["verdict"]) for case in read("3-fields")["cases"]}
    assert found == {(kind, verdict) for kind in TABLE for verdict in ("allowed", "record_invalid")}
