"""Whether a chain holds what a record's signer has seen: the vectors say it."""

from __future__ import annotations

import json

import pytest

from tests.rules import seen_vectors
from vault.records.envelope import from_json

KEPT = json.loads(seen_vectors.FILE.read_text(encoding="utf-8"))


def test_the_file_is_what_the_script_makes() -> None:
    assert seen_vectors.vectors() == KEPT


@pytest.mark.parametrize("case", KEPT["cases"], ids=lambda case: case["name"])
def test_a_chain_holds_what_the_vectors_say(case: dict) -> None:
    assert seen_vectors.verdict(KEPT["chain"], case["seen"]) == case["verdict"]


@pytest.mark.parametrize("case", KEPT["repairs"], ids=lambda case: case["name"])
def test_a_repair_counts_as_the_vectors_say(case: dict) -> None:
    assert seen_vectors.counts(from_json(case["repair"], "repair")) == case["verdict"]
