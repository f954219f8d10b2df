"""A dossier with its contents: all four parts, or the refusal of the part at which access ended."""

from __future__ import annotations

import pytest

from vault.flows.documents import reading
from vault.flows.dossiers import contents, showing
from vault.flows.dossiers.contents import Contents
from vault.rules.verdict import Refused

PARTS = [(showing, "one"), (showing, "leaves"), (reading, "documents"), (showing, "records")]


def test_the_parts_are_those_of_four_requests(practice):
    dossier = practice.open_dossier()
    found = contents.contents(practice.ports, practice.director.caller, dossier, 100)
    assert isinstance(found, Contents)
    assert found.whole.index.hash == practice.index[dossier].hash
    assert found.documents == []
    assert {record.envelope.kind for record in found.records} == {"profile", "trajectory"}


@pytest.mark.parametrize(("module", "part"), PARTS)
def test_access_that_ends_between_two_parts_refuses_all(practice, monkeypatch, module, part):
    dossier = practice.open_dossier()
    monkeypatch.setattr(module, part, lambda *_: Refused("not_found"))
    answer = contents.contents(practice.ports, practice.director.caller, dossier, 100)
    assert answer == Refused("not_found")
