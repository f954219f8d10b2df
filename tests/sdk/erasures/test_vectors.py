"""A certificate's file is judged as the vectors say, which every language reads."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.sdk.erasures import certificate_vectors
from vault.records.encoding import parse_instant
from vault.sdk.erasures.certificate import verify

READ = json.loads(certificate_vectors.FILE.read_text(encoding="utf-8"))


def test_the_published_vectors_are_what_is_made_today() -> None:
    assert certificate_vectors.vectors() == READ


@pytest.mark.parametrize("case", READ["cases"], ids=lambda case: case["name"])
def test_a_certificate_is_judged_as_the_vectors_say(case: dict[str, Any]) -> None:
    verdict = verify(case["file"].encode(), case["practice"], parse_instant(case["now"]), case["fingerprint"])
    assert sorted(check.finding for check in verdict.checks if not check.ok) == case["failed"]
    assert [each.to_json() for each in verdict.checked] == case["checked"]


def test_what_holds_and_each_fault_is_in_the_vectors() -> None:
    found = {word for case in READ["cases"] for word in case["failed"]}
    assert found >= {"practice_unknown", "evidence_missing", "evidence_of_another", "tombstones_differ", "other_name"}
    assert found >= {"check_not_valid", "checked_twice", "check_of_the_future"}
    assert sum(not case["failed"] for case in READ["cases"]) > 5
