"""What nobody finished goes; what somebody still does, and what is stored, stays."""

from __future__ import annotations

import hashlib
import io
from datetime import timedelta

import pytest

from tests.actors import NOW, memory_ports
from tests.flows.erasures.test_erasing import ask
from tests.health import checks
from vault.domain.dossiers import DocumentState
from vault.errors import UnavailableError
from vault.flows import health
from vault.flows.documents import deposit, reading
from vault.flows.erasures import erasing
from vault.flows.erasures.retention import Compared, Reconciled, compare, reconcile, sweep
from vault.flows.people import signing_in
from vault.ports.errors import TombstonedError
from vault.rules.verdict import Refused

LATER = NOW + timedelta(days=1, hours=2)  # a day after the deposit's lease ran out


def test_an_abandoned_deposit_goes_after_a_day_with_its_objects(practice, dossier, document):
    left = practice.new_document(dossier, b"a body that nobody finished")
    practice.begin(dossier, left)
    practice.put(left)
    assert reconcile(practice.ports, NOW + timedelta(hours=23)).documents == 0
    assert reconcile(practice.ports, LATER).documents == 1
    assert reconcile(practice.ports, LATER).documents == 0
    caller = practice.director.caller
    assert reading.document(practice.ports, caller, left.id) == Refused("not_found")
    assert list(practice.ports.objects.names()) == [f"{dossier}/{document.id}/00000"]
    assert reading.document(practice.ports, caller, document.id).state is DocumentState.STORED
    assert not practice.ports.keystore.exists(deposit.subject_of(left.id))
    assert practice.ports.keystore.exists(deposit.subject_of(document.id))
    with pytest.raises(TombstonedError):
        practice.begin(dossier, left)


def test_a_document_that_no_index_lists_for_a_day_goes_too(practice, dossier):
    left = practice.new_document(dossier)
    practice.begin(dossier, left)
    practice.put(left)
    practice.complete(left)
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


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_run_that_was_killed_at_the_shred_is_repeated(practice, dossier, monkeypatch, when):
    left = practice.new_document(dossier)
    practice.begin(dossier, left)
    practice.put(left)
    keystore = type(practice.ports.keystore)
    shred = keystore.shred

    def killed(self, subjects):
        if when == "after":
            shred(self, subjects)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(keystore, "shred", killed)
        with pytest.raises(KeyboardInterrupt):
            reconcile(practice.ports, LATER)
    assert reconcile(practice.ports, LATER) == Reconciled(1, 0)
    assert not practice.ports.keystore.exists(deposit.subject_of(left.id))
    with practice.ports.store.reading() as tx:
        assert tx.document(left.id) is None


def test_one_that_an_erasure_takes_up_meanwhile_is_left_to_it(practice, dossier, monkeypatch):
    left = practice.new_document(dossier)
    practice.begin(dossier, left)
    keystore = type(practice.ports.keystore)
    shred = keystore.shred

    def asked(self, subjects):
        shred(self, subjects)
        ask(practice, dossier)

    with monkeypatch.context() as patched:
        patched.setattr(keystore, "shred", asked)
        assert reconcile(practice.ports, LATER).documents == 0
    with practice.ports.store.reading() as tx:
        assert tx.document(left.id).state is DocumentState.REMOVED
    for _ in range(8):
        erasing.sweep(practice.ports, LATER)
    with practice.ports.store.reading() as tx:
        assert tx.dossier(dossier) is None
        assert tx.document(left.id) is None


def test_a_document_that_was_listed_meanwhile_stays(practice, dossier, monkeypatch):
    left = practice.new_document(dossier)
    practice.begin(dossier, left)
    practice.put(left)
    practice.complete(left)
    with practice.ports.store.transaction() as tx:
        found = tx.abandoned_documents(LATER, LATER + timedelta(days=2), 10)
        monkeypatch.setattr(type(tx), "abandoned_documents", lambda *_: found)
    practice.advance(dossier, [left.envelope.hash])
    assert reconcile(practice.ports, LATER).documents == 0
    assert reading.document(practice.ports, practice.director.caller, left.id).state is DocumentState.STORED


def test_sessions_that_are_over_go(practice):
    director = practice.director
    now = NOW + timedelta(minutes=5)
    signing_in.sign_in(
        practice.ports, signing_in.SignIn(director.email, director.login, director.code(now), {}, "x"), now
    )
    assert reconcile(practice.ports, now + timedelta(hours=1)).sessions == 0
    assert reconcile(practice.ports, now + timedelta(hours=13)).sessions == 1


def test_health_names_the_engine_that_does_not_answer(practice, monkeypatch):
    assert all(check.ok for check in checks(practice.ports, NOW))

    def gone(self):
        raise UnavailableError("no answer", advice="Start it.")

    monkeypatch.setattr(type(practice.ports.objects), "check", gone)
    assert [check for check in checks(practice.ports, NOW) if not check.ok] == [
        health.Check("objects", ok=False, advice="Start it.")
    ]


def test_a_sweep_that_is_a_day_late_turns_health_red_and_says_why(practice):
    def late(now):
        found = [check for check in checks(practice.ports, now) if not check.ok]
        return [check for check in found if check.name != health.ESCROW]

    assert late(NOW + timedelta(days=1)) == []
    assert [check.name for check in late(NOW + timedelta(days=1, seconds=1))] == ["sweep"]
    sweep(practice.ports, NOW + timedelta(days=3))
    assert late(NOW + timedelta(days=4)) == []
    assert "2026-11-26 09:00 UTC" in late(NOW + timedelta(days=5))[0].advice


def test_before_the_set_up_nothing_is_late():
    assert all(check.ok for check in checks(memory_ports(), NOW))


def test_a_records_store_that_does_not_answer_is_asked_nothing_more(practice, monkeypatch):
    def gone(self):
        raise UnavailableError("no answer")

    monkeypatch.setattr(type(practice.ports.store), "check", gone)
    assert [check for check in checks(practice.ports, NOW) if check.name in {"records", "sweep"}] == [
        health.Check("records", ok=False, advice="no answer")
    ]


class TestComparing:
    def test_an_object_that_nobody_owns_goes_after_a_day(self, practice, dossier, document):
        stray = f"{dossier}/{'ee' * 16}/00000"
        practice.ports.objects.put(stray, io.BytesIO(b"x"), 1, hashlib.sha256(b"x").digest())
        assert compare(practice.ports, NOW) == Compared(1, 0, 0)
        assert compare(practice.ports, NOW + timedelta(hours=23)) == Compared(1, 0, 0)
        assert compare(practice.ports, NOW + timedelta(hours=25)) == Compared(1, 1, 0)
        assert compare(practice.ports, NOW + timedelta(hours=50)) == Compared(0, 0, 0)
        assert list(practice.ports.objects.names()) == [f"{dossier}/{document.id}/00000"]

    def test_a_stray_name_of_any_form_is_an_orphan(self, practice):
        practice.ports.objects.put("abc", io.BytesIO(b"x"), 1, hashlib.sha256(b"x").digest())
        assert compare(practice.ports, NOW) == Compared(1, 0, 0)

    def test_one_that_found_its_owner_is_forgotten(self, practice, dossier):
        coming = practice.new_document(dossier)
        name = f"{dossier}/{coming.id}/00000"
        digest = hashlib.sha256(coming.body).digest()
        practice.ports.objects.put(name, io.BytesIO(coming.body), len(coming.body), digest)
        compare(practice.ports, NOW)
        practice.begin(dossier, coming)
        assert compare(practice.ports, NOW + timedelta(hours=25)) == Compared(0, 0, 0)
        with practice.ports.store.transaction() as tx:
            assert tx.orphans(NOW + timedelta(days=9), 10) == []

    def test_a_missing_object_raises_the_alarm_until_it_is_back(self, practice, dossier, document):
        name = f"{dossier}/{document.id}/00000"
        practice.ports.objects.remove([name])
        assert compare(practice.ports, NOW).missing == 1
        assert [check.name for check in checks(practice.ports, NOW) if not check.ok] == ["complete"]
        digest = hashlib.sha256(document.body).digest()
        practice.ports.objects.put(name, io.BytesIO(document.body), len(document.body), digest)
        assert compare(practice.ports, NOW + timedelta(hours=1)).missing == 0
        assert all(check.ok for check in checks(practice.ports, NOW + timedelta(hours=1)))

    def test_a_document_that_went_between_the_two_lists_is_not_missing(self, practice, dossier, document, monkeypatch):
        other = practice.deposit(dossier)
        names = type(practice.ports.objects).names

        def without(self, prefix=""):
            with practice.ports.store.transaction() as tx:
                tx.set_document_state([document.id], DocumentState.REMOVED)
            return (name for name in list(names(self, prefix)) if document.id not in name)

        monkeypatch.setattr(type(practice.ports.objects), "names", without)
        assert compare(practice.ports, NOW).missing == 0
        assert other.id != document.id
