"""Everything that grows has what takes it, or a reason to stay: the table of THREAT_MODEL, against schema and rights."""

from __future__ import annotations

import re

import pytest

from tests.infra.serving import ROOT
from vault.adapters.database import tables as records
from vault.adapters.keystore import tables as keystore

LINE = re.compile(r"^\| `(\w+)`( \(keystore\))? \| ([^|]+) \| (goes|stays): ([^|]+) \|$", re.MULTILINE)
SAID = LINE.findall((ROOT / "docs" / "THREAT_MODEL.md").read_text())
RIGHTS = re.compile(r"GRANT ([^;]+?) ON ([^;]+?) TO [^;]+;", re.DOTALL)
OF_KEYSTORE = " (keystore)"


def said(fate: str, place: str) -> set[str]:
    return {name for name, where, _, how, _ in SAID if how == fate and where == place}


def removable(script: str) -> set[str]:
    """The tables of which any role may delete a row."""
    granted = RIGHTS.findall((ROOT / "infra" / "roles" / script).read_text())
    return {table for rights, names in granted if "DELETE" in rights for table in re.findall(r"\w+", names)}


@pytest.mark.parametrize(("metadata", "place"), [(records.metadata, ""), (keystore.metadata, OF_KEYSTORE)])
def test_every_table_is_named_once(metadata, place: str) -> None:
    named = [name for name, where, *_ in SAID if where == place]
    assert sorted(named) == sorted(metadata.tables)


@pytest.mark.parametrize(("script", "place"), [("database.sql", ""), ("keystore.sql", OF_KEYSTORE)])
def test_a_row_that_goes_may_be_removed_by_a_role_and_one_that_stays_by_none(script: str, place: str) -> None:
    assert said("goes", place) == removable(script)
    assert said("stays", place).isdisjoint(removable(script))
