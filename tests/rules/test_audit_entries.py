"""The hashes that make an audit one chain, as the vectors for other languages say them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from vault.records.encoding import from_base64url, parse_instant
from vault.rules.audit_entries import GENESIS, details_digest, entry_hash

PUBLISHED = json.loads((Path(__file__).parents[1] / "vectors" / "10-audit.json").read_text(encoding="utf-8"))


def test_a_chain_begins_with_zeros() -> None:
    assert PUBLISHED["genesis"] == GENESIS == PUBLISHED["entries"][0]["previous"]


@pytest.mark.parametrize("entry", PUBLISHED["entries"], ids=lambda entry: str(entry["sequence"]))
def test_an_entry_hashes_as_published(entry: dict[str, str]) -> None:
    said = (entry["event"], entry["actor"], entry["digest"])
    at = parse_instant(entry["at"])
    assert entry_hash(entry["dossier"], int(entry["sequence"]), entry["previous"], at, *said) == entry["hash"]
    if entry["details"] is not None:
        assert details_digest(from_base64url(entry["details"])) == entry["digest"]
