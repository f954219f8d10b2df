"""A type of record is its class and its row: nothing else of the server knows the one that these tests make up."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated

import pytest

from tests.actors import NOW
from vault.errors import IntegrityError
from vault.flows.dossiers import adding, indexing, sealing, showing
from vault.records.encoding import RecordError
from vault.records.fields import At, Hash, Id, Instant, Ordinal, text
from vault.records.seen import MemberRecord
from vault.records.standing import StandsOn
from vault.records.table import TABLE, Leaves, RecordType, Shown, Signer
from vault.rules.verdict import Refused


@dataclass(frozen=True, slots=True)
class Review(MemberRecord):
    standing: StandsOn
    dossier: Id
    id: Annotated[Id, At("review")]
    version: Ordinal
    previous: Hash | None
    says: Annotated[str, text(10)]
    at: Instant


ROW = RecordType("review", Review, Signer.GRANTEE, Shown.AMONG_RECORDS, "review", Leaves.SUPERSEDED)


@pytest.fixture(autouse=True)
def known(monkeypatch):
    monkeypatch.setitem(TABLE, "review", ROW)


def review(practice, dossier, person=None, **changes):
    base = Review(practice.chain.standing, dossier, "0a" * 16, 1, None, "good", NOW)
    return practice.sign("review", replace(base, **changes).content(), person)


def add(practice, dossier, envelope, drop=()):
    index = practice.next_index(dossier, {*practice.listed(dossier), envelope.hash} - set(drop))
    answer = adding.add_records(
        practice.ports, practice.director.caller, dossier, [sealing.NewRecord(envelope)], index, NOW
    )
    if isinstance(answer, indexing.Advanced):
        practice.index[dossier] = index
    return answer


def shown(practice, dossier):
    return {
        view.hash: view.state for view in showing.records(practice.ports, practice.director.caller, dossier, "", 50)
    }


def test_it_is_taken_listed_and_shown(practice, dossier):
    first = review(practice, dossier)
    assert isinstance(add(practice, dossier, first), indexing.Advanced)
    assert shown(practice, dossier)[first.hash] == "current"


def test_its_next_version_takes_its_place(practice, dossier):
    first = review(practice, dossier)
    add(practice, dossier, first)
    second = review(practice, dossier, version=2, previous=first.hash, says="better")
    assert isinstance(add(practice, dossier, second, [first.hash]), indexing.Advanced)
    assert shown(practice, dossier)[first.hash] == "retired"
    for wrong in ({"version": 2, "previous": first.hash}, {"version": 4, "previous": second.hash}, {}):
        assert add(practice, dossier, review(practice, dossier, **wrong)) == Refused("conflict")


def test_it_leaves_the_index_for_a_newer_version_alone(practice, dossier):
    first = review(practice, dossier)
    add(practice, dossier, first)
    other = review(practice, dossier, id="0b" * 16)
    assert add(practice, dossier, other, [first.hash]) == Refused("record_left_out")


def test_only_who_its_row_names_may_sign_it(practice, dossier, monkeypatch):
    stranger = practice.appoint("Otto")
    with pytest.raises(IntegrityError):
        add(practice, dossier, review(practice, dossier, stranger))
    monkeypatch.setitem(TABLE, "review", replace(ROW, signer=Signer.INSTALLATION))
    with pytest.raises(IntegrityError):
        add(practice, dossier, review(practice, dossier))


def test_a_type_without_versions_does_not_come_this_way(practice, dossier, monkeypatch):
    monkeypatch.setitem(TABLE, "review", replace(ROW, leaves=Leaves.CLOSED))
    with pytest.raises(RecordError):
        add(practice, dossier, review(practice, dossier))


def test_what_is_not_shown_among_the_records_is_not(practice, dossier, monkeypatch):
    first = review(practice, dossier)
    add(practice, dossier, first)
    monkeypatch.setitem(TABLE, "review", replace(ROW, shown=Shown.HOLDERS))
    assert first.hash not in shown(practice, dossier)
