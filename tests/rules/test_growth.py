"""A dossier grows to 10,000 records one at a time, and all its indexes together stay below 20 MB."""

from __future__ import annotations

import hashlib
import time

from tests.records import samples
from vault.rules import merkle

MANY = 10_000


def record(number: int) -> str:
    return hashlib.sha256(b"record %d" % number).hexdigest()


def size(count: int) -> int:
    """The bytes that travel of an index which adds one record to `count`."""
    link = {"sequence": count, "previous": record(count), "root": record(count + 1), "count": count + 1}
    return len(samples.index(**link, added=(record(count),)).to_bytes())


def test_growing_one_at_a_time_costs_little():
    each = [size(count) for count in range(1, MANY, 100)]
    assert max(each) - min(each) < 20, "an index is no larger for what it does not change"
    assert max(each) * MANY < 20_000_000


def test_a_root_of_ten_thousand_takes_no_second():
    records = [record(number) for number in range(MANY)]
    begun = time.process_time()
    merkle.root(records)
    assert time.process_time() - begun < 1
