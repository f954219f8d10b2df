"""Where a chain stands is the number and the hash of its newest record. What may follow it, the vectors say."""

from __future__ import annotations

from tests.records import samples
from vault.records.types.index import Index
from vault.rules.verdict import ALLOWED, Refused
from vault.rules.versions import Last, last_entry, next_entry


def test_a_chain_stands_at_its_newest_entry():
    index = Index.read(samples.index())
    assert last_entry(index) == Last(1, index.hash)
    assert last_entry(None) is None


def test_an_index_is_the_first_or_no_entry():
    index = Index.read(samples.index())
    assert next_entry(index, last_entry(None)) == ALLOWED
    assert next_entry(index, last_entry(index)) == Refused("conflict")
