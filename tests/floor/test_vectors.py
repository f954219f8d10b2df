"""What the server seals and derives is what the published vectors say."""

from __future__ import annotations

import json
import re

from tests.floor import vectors

FOUND = json.loads(vectors.FILE.read_bytes())


def test_the_published_vectors_are_what_is_made_today() -> None:
    assert vectors.vectors() == FOUND


def test_every_field_that_format_names_has_a_case() -> None:
    section = (vectors.FILE.parents[2] / "docs" / "FORMAT.md").read_text().partition("| field | subject | row |")[2]
    rows = section.partition("\n\n")[0].splitlines()
    named = {field for row in rows if row.startswith("| `") for field in re.findall(r"`([a-z_.]+)`", row.split("|")[1])}
    assert named == {case["field"] for case in FOUND["values"] if case["opened"] is not None}
