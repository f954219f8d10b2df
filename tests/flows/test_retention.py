"""What nobody finished goes; what somebody still does, and what is stored, stays."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.actors import NOW
from vault.domain.dossier import DocumentState
from vault.errors import UnavailableError
from vault.flows import deposit, health, people
from vault.flows.retention import Reconciled, reconcile
from vault.records.verdict import Refused

LATER = NOW + timedelta(days=1, hours=2)  # a day after the deposit's lease ran out


def test_an_abandoned_deposit_goes_after_a_day_with_its_objects(practice, dossier, document):
    left = practice.new_document(dossier, b"a body that nobody finished")
    practice.begin(dossier, left)
    practice.put(left)
    assert reconcile(practice.ports, NOW + timedelta(hours=23)).documents == 0
    assert reconcile(practice.ports, LATER).documents == 1
    assert reconcile(practice.ports, LATER).documents == 0
    caller = practice.director.caller
    assert deposit.document(practice.ports, caller, left.id) == Refused("not_found")
    assert list(practice.ports.objects.names()) == [f"{dossier}/{document.id}/00000"]
    assert deposit.document(practice.ports, caller, document.id).state is DocumentState.STORED
    assert practice.ports.keystore.exists(deposit.subject_of(left.id)), "reconcile never shreds"


def test_a_document_that_no_index_lists_for_a_day_goes_too(practice, dossier):
    left = practice.new_document(dossier)
    practice.begin(dossier, left)
    practice.put(left)
    deposit.complete(practice.ports, practice.director.caller, left.id)
    assert reconcile(practice.ports, LATER).documents == 1


def test_a_removal_that_was_interrupted_is_finished(practice, dossier, monkeypatch):
    left = practice.new_document(dossier)
    practice.begin(dossier, left)
    practice.put(left)
    objects = type(practice.ports.objects)
    remove = objects.remove

    def broken(self, names):
        raise UnavailableError("the disk went away")

    monkeypatch.setattr(objects, "remove", broken)
    with pytest.raises(UnavailableError):
        reconcile(practice.ports, LATER)
    assert practice.advance(dossier, [left.envelope.hash]) == Refused("record_unknown"), "fenced"
    monkeypatch.setattr(objects, "remove", remove)
    assert reconcile(practice.ports, LATER) == Reconciled(1, 0)
    assert list(practice.ports.objects.names()) == []


def test_a_document_that_was_listed_meanwhile_stays(practice, dossier, monkeypatch):
    left = practice.new_document(dossier)
    practice.begin(dossier, left)
    practice.put(left)
    deposit.complete(practice.ports, practice.director.caller, left.id)
    with practice.ports.store.transaction() as tx:
        found = tx.abandoned_documents(LATER, 10)
        monkeypatch.setattr(type(tx), "abandoned_documents", lambda *_: found)
    practice.advance(dossier, [left.envelope.hash])
    assert reconcile(practice.ports, LATER).documents == 0
    assert deposit.document(practice.ports, practice.director.caller, left.id).state is DocumentState.STORED


def test_sessions_that_are_over_go(practice):
    director = practice.director
    now = NOW + timedelta(minutes=5)
    people.sign_in(practice.ports, people.SignIn(director.email, director.login, director.code(now), {}, "x"), now)
    assert reconcile(practice.ports, now + timedelta(hours=1)).sessions == 0
    assert reconcile(practice.ports, now + timedelta(hours=13)).sessions == 1


def test_health_names_the_engine_that_does_not_answer(practice, monkeypatch):
    assert all(check.ok for check in health.checks(practice.ports))

    def gone(self):
        raise UnavailableError("no answer", advice="Start it.")

    monkeypatch.setattr(type(practice.ports.objects), "check", gone)
    assert [check for check in health.checks(practice.ports) if not check.ok] == [
        health.Check("objects", ok=False, advice="Start it.")
    ]
