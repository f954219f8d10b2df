"""The table of types: one row answers everything that is asked of a type, and FORMAT.md shows the same table."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.records import samples
from tests.records.practice import DOSSIER
from vault.records import table
from vault.records.encoding import RecordError
from vault.records.table import LARGE, SMALL, TABLE, Leaves, among_records, limit_of, subject_of, type_of, versioned

FORMAT = Path(__file__).parents[2] / "docs" / "FORMAT.md"


def test_every_type_is_read_by_its_class():
    for name, envelope in samples.every().items():
        record = type_of(name).cls.read(envelope)
        assert record.content().items() <= envelope.fields.items()
    assert set(samples.every()) == set(TABLE)


def test_a_name_without_a_row_is_no_type():
    for name in ("", "review", "Share"):
        with pytest.raises(RecordError):
            type_of(name)
    assert limit_of("review") == limit_of("share") == SMALL
    assert limit_of("index") == LARGE
    assert not table.RESERVED & set(TABLE)


def test_what_a_record_of_a_dossier_is_about_stands_in_one_of_its_fields():
    about = {
        "dossier": DOSSIER,
        "document": samples.DOCUMENT,
        "intent": samples.DOCUMENT,
        "index": DOSSIER,
        "share": samples.share().fields["share"],
        "profile": DOSSIER,
        "trajectory": "7a" * 16,
        "erasure": "e5" * 16,
        "erasure_withdrawal": "e5" * 16,
    }
    for name, envelope in samples.every().items():
        if name in about:
            assert subject_of(envelope, name) == about[name]
        else:
            with pytest.raises(RecordError):
                subject_of(envelope, name)


def test_the_index_lists_what_says_how_it_may_leave():
    assert {name for name, row in TABLE.items() if row.listed} == {"document", "share", "profile", "trajectory"}
    assert versioned() == ("profile", "trajectory")
    assert among_records() == ("share", "profile", "trajectory", "erasure", "erasure_withdrawal")


def test_the_format_shows_the_same_table():
    ends = {
        Leaves.SUPERSEDED: "until a newer version",
        Leaves.CLOSED: "until revoked, expired or used up",
        Leaves.ERASED: "until erased",
        None: "no",
    }
    rows = [
        f"| `{row.name}` | {row.signer.value} | {ends[row.leaves]} | {row.shown.value} | {row.limit:,} |"
        for row in TABLE.values()
    ]
    text = FORMAT.read_text(encoding="utf-8")
    header = "| type | signed by | listed in the index | shown to | bytes at most |\n|---|---|---|---|---|\n"
    assert header + "\n".join(rows) + "\n" in text
