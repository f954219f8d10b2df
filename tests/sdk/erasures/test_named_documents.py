"""Certificates are judged as the published vectors say, from nothing but what stands in the file."""

from __future__ import annotations

import json

import pytest

from tests.sdk.erasures import named_document_vectors as made
from vault.records.strict_json import dump

PUBLISHED = json.loads(made.FILE.read_text(encoding="utf-8"))


def test_the_published_vectors_are_what_is_made_today():
    assert json.loads(json.dumps(made.vectors())) == PUBLISHED


@pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in PUBLISHED["cases"]])
def test_a_certificate_is_judged_as_the_vectors_say(case):
    found = made.judged(dump(case["file"]), case["practice"], case["now"])
    assert found == {name: case[name] for name in ("failing", "documents")}
