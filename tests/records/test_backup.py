"""The manifest of a backup and the list beside it: FORMAT.md's example, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.fuzz.backup import AT, sample
from vault.records.backup import Listed, is_name, name_of, parse_manifest, read_listing
from vault.records.encoding import RecordError

VECTOR = json.loads(Path(__file__).with_name("backup_vector.json").read_bytes())
RAW = VECTOR["manifest"].encode()


def test_the_example_is_read_and_written_again():
    found = parse_manifest(RAW)
    assert found == sample(7, 8)
    assert found.to_bytes() == RAW
    assert found.part("escrow/generation-8").size == 1001
    assert name_of(found.at, RAW) == VECTOR["name"]
    assert is_name(VECTOR["name"])
    assert not is_name(f".{VECTOR['name']}")
    assert found.at == AT


@pytest.mark.parametrize("change", VECTOR["refused"], ids=str)
def test_what_is_another_is_refused(change):
    fields = {**json.loads(RAW), **change}
    with pytest.raises(RecordError):
        parse_manifest(json.dumps(fields, separators=(",", ":")).encode())


def test_the_list_of_the_example_is_read():
    listed = list(read_listing(line.encode() + b"\n" for line in VECTOR["list"]))
    assert listed == [Listed("ab/cd/00000", 27, "12" * 32), Listed("ledger/installation", 32, None)]
    assert [each.to_line().decode().rstrip() for each in listed] == VECTOR["list"]


@pytest.mark.parametrize("lines", VECTOR["refused_lists"], ids=str)
def test_another_list_is_refused(lines):
    with pytest.raises(RecordError):
        list(read_listing(line.encode() for line in lines))
