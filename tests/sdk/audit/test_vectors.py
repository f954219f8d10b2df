"""An audit comes out as the vectors say, which every language reads."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.sdk.audit import audit_vectors, belief_vectors
from vault.sdk.audit.verification import verify_file

READ = json.loads(audit_vectors.FILE.read_text(encoding="utf-8"))


def test_the_published_vectors_are_what_is_made_today() -> None:
    assert audit_vectors.vectors() == READ


@pytest.mark.parametrize("case", READ["files"], ids=lambda case: case["name"])
def test_a_file_is_judged_as_the_vectors_say(case: dict[str, Any]) -> None:
    found = verify_file(case["file"].encode(), case["practice"], case["fingerprint"])
    assert sorted(check.finding for check in found if not check.ok) == case["failed"]


def test_what_holds_and_each_fault_is_in_the_vectors() -> None:
    found = {word for case in READ["files"] for word in case["failed"]}
    assert found >= {
        "changed",
        "missing",
        "reordered",
        "cut_or_other",
        "put_in_later",
        "leaves_differ",
        "unreadable",
        "not_joined",
    }
    assert any(not case["failed"] for case in READ["files"])


def test_a_device_believes_what_the_vectors_say() -> None:
    found = json.loads(belief_vectors.FILE.read_bytes())
    assert belief_vectors.vectors() == found
    assert {each for case in found["cases"] for each in case["believed"]} == {True, False}
