"""A key that no row came to is shredded a day after it was first seen so, and never under somebody's hands."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from io import BytesIO

import pytest

from tests.actors import NOW, Practice
from vault.domain.sessions import SessionRow
from vault.errors import UnavailableError
from vault.flows.documents import deposit
from vault.flows.documents import whole as deposit_whole
from vault.flows.dossiers import opening, sealing
from vault.flows.erasures import retention
from vault.flows.erasures.rowless import keep_rowless, note_rowless, shred_rowless
from vault.flows.people import founding
from vault.flows.people.members import subject_of as member_subject
from vault.flows.people.signing_in import token_hash
from vault.flows.positions.restoring import KEPT_FOR
from vault.flows.shares import sharing
from vault.ports.errors import TombstonedError
from vault.ports.keystore import Subject, SubjectKind

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
NOBODYS = [Subject(kind, "9" * 32) for kind in (SubjectKind.DOSSIER, SubjectKind.DOCUMENT, SubjectKind.SHARE)]


def everything(practice: Practice) -> None:
    """One of each that has a key."""
    dossier = practice.open_dossier()
    practice.share(dossier, [practice.deposit(dossier)])


def test_only_keys_without_a_row_go_and_only_after_a_day(practice):
    everything(practice)
    theirs = practice.ports.keystore.subjects()
    practice.ports.keystore.create(NOBODYS)
    assert note_rowless(practice.ports, NOW) == 3
    assert note_rowless(practice.ports, NOW + DAY) == 3
    assert shred_rowless(practice.ports, NOW + DAY) == 0
    assert shred_rowless(practice.ports, NOW + DAY + SECOND, limit=2) == 2
    assert shred_rowless(practice.ports, NOW + DAY + SECOND, limit=2) == 1
    assert shred_rowless(practice.ports, NOW + DAY + SECOND) == 0
    assert practice.ports.keystore.subjects() == theirs


def test_the_night_notes_them_and_a_sweep_shreds_them(practice):
    practice.ports.keystore.create(NOBODYS)
    retention.compare(practice.ports, NOW)
    retention.sweep(practice.ports, NOW + DAY + SECOND)
    assert not any(map(practice.ports.keystore.exists, NOBODYS))


def test_a_key_whose_row_came_meanwhile_stays(practice, dossier):
    left = practice.new_document(dossier)
    practice.ports.keystore.create([deposit.subject_of(left.id)])
    note_rowless(practice.ports, NOW)
    practice.begin(dossier, left)
    assert shred_rowless(practice.ports, NOW + DAY + SECOND) == 0
    assert practice.ports.keystore.exists(deposit.subject_of(left.id))
    assert practice.ports.store._tables.rowless == {}


def test_a_run_that_was_killed_after_the_shred_is_repeated(practice, monkeypatch):
    practice.ports.keystore.create(NOBODYS)
    note_rowless(practice.ports, NOW)
    real = type(practice.ports.keystore).shred

    def killed(self, subjects):
        real(self, subjects)
        raise UnavailableError("killed")

    monkeypatch.setattr(type(practice.ports.keystore), "shred", killed)
    with pytest.raises(UnavailableError):
        shred_rowless(practice.ports, NOW + DAY + SECOND)
    monkeypatch.setattr(type(practice.ports.keystore), "shred", real)
    assert shred_rowless(practice.ports, NOW + DAY + SECOND) == 3
    assert practice.ports.store._tables.rowless == {}


def test_after_a_restore_the_keys_of_what_came_later_are_kept_but_those_of_links(practice):
    practice.ports.keystore.create(NOBODYS)
    note_rowless(practice.ports, NOW)
    keep_rowless(practice.ports, NOW + KEPT_FOR)
    note_rowless(practice.ports, NOW + DAY)
    assert shred_rowless(practice.ports, NOW + KEPT_FOR) == 1
    assert [subject.kind for subject in NOBODYS if practice.ports.keystore.exists(subject)] == ["dossier", "document"]
    assert shred_rowless(practice.ports, NOW + KEPT_FOR + 2 * DAY) == 2, "and not for ever"


class Body(BytesIO):
    """A body in memory, as the gateway gives it."""

    def __len__(self) -> int:
        return len(self.getvalue())

    def digest(self) -> bytes:
        return hashlib.sha256(self.getvalue()).digest()


def reserved(practice, dossier):
    left = practice.new_document(dossier, b"x" * 10_000_000)
    return deposit.subject_of(left.id), lambda: practice.begin(dossier, left)


def whole(practice, dossier):
    left, token = practice.new_document(dossier), "her token"
    with practice.ports.store.transaction() as tx:
        tx.add_session(SessionRow(token_hash(token), practice.director.id, NOW, NOW))
    admitted = deposit_whole.admit(practice.ports, token, dossier, NOW)
    new = deposit.NewDocument(left.envelope, left.head, left.metadata)
    send = deposit_whole.deposit_whole
    return deposit.subject_of(left.id), lambda: send(practice.ports, admitted, new, Body(left.body), None, NOW)


def shared(practice, dossier):
    document = practice.deposit(dossier)
    link = practice.new_share(dossier, [document])
    subject = sharing.subject_of(link.id)
    return subject, lambda: sharing.share(practice.ports, practice.director.caller, dossier, link.new, NOW)


def opened(practice, _):
    new = practice.new_dossier()
    subject = sealing.subject_of(new.head.fields["dossier"])
    return subject, lambda: opening.open_dossier(practice.ports, practice.director.caller, new, NOW)


@pytest.mark.parametrize("act", [reserved, whole, shared, opened])
def test_who_comes_back_while_her_key_is_shredded_is_refused_and_no_row_is_left_without_a_key(
    practice, dossier, monkeypatch, act
):
    """She made the key a day ago, finds it again, and loses it before her row is there."""
    subject, again = act(practice, dossier)
    practice.ports.keystore.create([subject])
    note_rowless(practice.ports, NOW)
    store = type(practice.ports.store)
    real, came = store.transaction, []

    def late(self, *of):
        if of and not came:
            came.append(of)
            assert shred_rowless(practice.ports, NOW + DAY + SECOND) == 1
        return real(self, *of)

    monkeypatch.setattr(store, "transaction", late)
    with pytest.raises(TombstonedError, match="shredded"):
        again()
    with practice.ports.store.reading() as tx:
        assert tx.without_row([subject]) == [subject]


def test_a_key_of_a_set_up_that_failed_goes_too():
    practice = Practice()
    request = practice.setup_request()
    subject = member_subject(request.details.id)
    practice.ports.keystore.create([subject])
    note_rowless(practice.ports, NOW)
    assert shred_rowless(practice.ports, NOW + DAY + SECOND) == 1
    with pytest.raises(TombstonedError):
        founding.set_up(practice.ports, request, NOW)
