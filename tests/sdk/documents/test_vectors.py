"""A document's metadata come out as the vectors say, which every language reads."""

from __future__ import annotations

import json

from tests.sdk.documents import opening_vectors, vectors

FOUND = json.loads(vectors.FILE.read_bytes())
OPENINGS = json.loads(opening_vectors.FILE.read_bytes())


def test_the_published_vectors_are_what_is_made_today() -> None:
    assert vectors.contents() == FOUND


def test_every_verdict_is_in_the_vectors() -> None:
    verdicts = {case["verdict"] for case in FOUND["cases"]}
    assert verdicts == {"allowed", "record_invalid", "box_invalid", "integrity"}


def test_what_opens_and_what_is_damaged_is_what_the_vectors_say() -> None:
    assert opening_vectors.vectors() == OPENINGS
    assert {case["verdict"] for case in OPENINGS["cases"]} == {"allowed", "document_damaged"}
