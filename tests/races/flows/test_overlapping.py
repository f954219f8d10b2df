"""Erasures that meet one another, or meet what else the worker does: each thing dies once, and with its key."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.actors import NOW
from tests.flows.dossiers.test_closing import change
from tests.flows.erasures.test_erasing import DELAY, ask, broken, erased
from vault.domain.erasures import ErasureState
from vault.errors import UnavailableError
from vault.flows.audit.auditing import chain
from vault.flows.documents import deposit
from vault.flows.dossiers import showing
from vault.flows.erasures import beginning, erasing, retention
from vault.records.envelope import parse
from vault.records.types.certificate import Certificate
from vault.records.types.tombstone import Tombstone, retention_id

LATER = NOW + timedelta(days=3)
DUE = NOW + timedelta(days=1827)


def buried(practice):
    return [Tombstone.read(envelope).subject for envelope in chain(practice.ports, "tombstone", 0, 100).items]


def counted(practice, id_):
    return Certificate.read(parse(erased(practice, id_).certificate, "certificate")).counts


@pytest.mark.parametrize("whole", [False, True])
def test_reconciling_leaves_a_fenced_document_to_its_erasure_or_its_key_would_live(practice, dossier, document, whole):
    asked = ask(practice, dossier, () if whole else [document.id], now=LATER).erasure
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(practice.ports.keystore), "shred", broken)
        with pytest.raises(UnavailableError):
            retention.sweep(practice.ports, LATER)
    retention.sweep(practice.ports, LATER + timedelta(days=2))
    assert erased(practice, asked.id).state is ErasureState.CERTIFIED
    assert not practice.ports.keystore.exists(deposit.subject_of(document.id))
    assert counted(practice, asked.id).documents == 1


def test_an_erasure_that_begins_while_reconciling_removes_keeps_the_row(practice, dossier):
    left = practice.new_document(dossier)
    practice.begin(dossier, left)
    practice.put(left)
    remove = type(practice.ports.objects).remove

    def asked_meanwhile(self, names):
        remove(self, names)
        ask(practice, dossier, now=LATER)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(practice.ports.objects), "remove", asked_meanwhile)
        assert retention.reconcile(practice.ports, LATER).documents == 0
    erasing.sweep(practice.ports, LATER)
    assert not practice.ports.keystore.exists(deposit.subject_of(left.id))


def test_a_document_that_was_given_up_after_it_was_asked_for_loses_its_key_too(practice, dossier):
    coming = practice.new_document(dossier)
    practice.begin(dossier, coming)
    asked = ask(practice, dossier, [coming.id]).erasure
    deposit.abandon(practice.ports, practice.director.caller, coming.id)
    erasing.sweep(practice.ports, NOW)
    assert not practice.ports.keystore.exists(deposit.subject_of(coming.id))
    assert (counted(practice, asked.id).documents, counted(practice, asked.id).keys) == (1, 1)


def test_a_document_asked_for_twice_dies_once(practice, dossier, document):
    kept = practice.deposit(dossier)
    by_staff = ask(practice, dossier, sorted([document.id, kept.id]), basis="staff").erasure
    only = ask(practice, dossier, [document.id], basis="staff").erasure
    by_client = ask(practice, dossier, [document.id]).erasure
    erasing.sweep(practice.ports, NOW)
    assert erased(practice, by_client.id).state is ErasureState.CERTIFIED
    erasing.sweep(practice.ports, NOW + DELAY)
    assert erased(practice, only.id).state is ErasureState.WITHDRAWN
    rest = erased(practice, by_staff.id)
    assert (rest.state, rest.documents) == (ErasureState.CERTIFIED, (kept.id,))
    assert buried(practice) == [document.id, kept.id]


def test_the_whole_dossier_overtakes_what_staff_asked_for(practice, dossier, document):
    change(practice, dossier, end=date(2021, 11, 22), start=date(2021, 1, 1))
    with practice.ports.store.reading() as tx:
        due = tx.dossier(dossier).destroy_on
    asked = [
        ask(practice, dossier, [document.id], basis="staff", now=due).erasure.id,
        ask(practice, dossier, basis="staff", now=due).erasure.id,
    ]
    erasing.sweep(practice.ports, due)
    assert erased(practice, retention_id(dossier)).state is ErasureState.CERTIFIED
    erasing.sweep(practice.ports, due + DELAY)
    assert [erased(practice, id_).state for id_ in asked] == [ErasureState.WITHDRAWN] * 2
    assert buried(practice) == [dossier]
    assert erased(practice, asked[0]).certificate is None


def test_nobody_reopens_between_the_beginning_and_the_shutting_off(practice, dossier):
    change(practice, dossier, end=date(2026, 11, 23))
    assert beginning.begin_due(practice.ports, DUE, 10, []) == 1
    assert showing.listing(practice.ports, practice.director.caller, "", 10) == [], "shut off in the same commit"
    assert buried(practice) == [dossier]
