"""A deposit in one request: four units of work, nothing begun for a wrong body, repeated with one answer."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.actors import NOW
from vault.domain.dossiers import DocumentState
from vault.errors import UnavailableError
from vault.flows.answers import Stale
from vault.flows.documents import deposit, whole
from vault.flows.people import signing_in
from vault.ports.errors import DigestMismatchError, TombstonedError
from vault.records.envelope import SignatureError
from vault.rules.verdict import Refused

AT = NOW + timedelta(minutes=1)  # the code of the moment itself was spent by setting up
UNITS = {
    "store": ("reading", "transaction"),
    "keystore": ("create", "create_sealing", "seal", "seal_many", "unseal", "unseal_each", "shred"),
}


class Body(io.BytesIO):
    def __len__(self):
        return len(self.getvalue())

    def digest(self):
        return hashlib.sha256(self.getvalue()).digest()


@pytest.fixture
def token(practice):
    director = practice.director
    request = signing_in.SignIn(director.email, director.login, director.code(AT), {}, "here")
    return signing_in.sign_in(practice.ports, request, AT).token


@pytest.fixture
def new(practice, dossier):
    return practice.new_document(dossier)


def send(practice, token, dossier, document, *, index=None, body=None, now=AT, epoch=1):
    admitted = whole.admit(practice.ports, token, dossier, now)
    if isinstance(admitted, Refused):
        return admitted
    form = deposit.NewDocument(document.envelope, document.head, document.metadata, epoch)
    content = Body(document.body if body is None else body)
    return whole.deposit_whole(practice.ports, admitted, form, content, index, now)


def index_of(practice, dossier, document):
    return practice.next_index(dossier, [*practice.listed(dossier), document.envelope.hash])


def state(practice, document):
    with practice.ports.store.reading() as tx:
        row = tx.document(document.id)
    return None if row is None else row.state


@contextmanager
def units(practice) -> Iterator[list[str]]:
    """Every unit of work that begins, in the store or in the keystore."""
    seen: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        for port, names in UNITS.items():
            kind = type(getattr(practice.ports, port))
            for name in names:
                patch.setattr(kind, name, counted(seen, f"{port}.{name}", getattr(kind, name)))
        yield seen


def counted(seen, name, act):
    depth = []

    def run(*arguments, **named):
        if name.startswith("keystore.") and depth:
            return act(*arguments, **named)
        seen.append(name)
        depth.append(1)
        try:
            return act(*arguments, **named)
        finally:
            depth.pop()

    return run


@pytest.mark.parametrize("listed", [False, True])
def test_a_deposit_is_four_units_of_work(practice, token, dossier, new, listed):
    index = index_of(practice, dossier, new) if listed else None
    with units(practice) as seen:
        answer = send(practice, token, dossier, new, index=index)
    assert answer.state == ("stored" if listed else "pending")
    ours = [name for name in seen if name not in {"keystore.create", "keystore.seal_many", "keystore.seal"}]
    assert ours == ["store.reading", "keystore.create_sealing", "store.transaction", "store.transaction"]


def test_a_signature_is_judged_once(practice, token, dossier, new, monkeypatch):
    judged = []
    for module in (whole, deposit):
        check = module.check_new
        monkeypatch.setattr(module, "check_new", lambda e, *a, check=check: judged.append(e.kind) or check(e, *a))
    send(practice, token, dossier, new)
    assert judged == ["document"]


def test_the_index_that_comes_with_it_makes_it_stored(practice, token, dossier, new):
    index = index_of(practice, dossier, new)
    answer = send(practice, token, dossier, new, index=index)
    assert (answer.state, answer.repeated, answer.advanced.index) == (DocumentState.STORED, False, index.hash)
    again = send(practice, token, dossier, new, index=index)
    assert again == replace(answer, repeated=True)


def test_an_index_that_is_too_late_leaves_it_pending_for_another(practice, token, dossier, new):
    late = index_of(practice, dossier, new)
    practice.deposit(dossier)
    assert isinstance(send(practice, token, dossier, new, index=late), Stale)
    assert state(practice, new) is DocumentState.PENDING
    answer = send(practice, token, dossier, new, index=index_of(practice, dossier, new))
    assert (answer.state, answer.repeated) == (DocumentState.STORED, True)


def test_an_index_that_lists_what_nobody_has_leaves_it_pending(practice, token, dossier, new):
    index = practice.next_index(dossier, [*practice.listed(dossier), new.envelope.hash, "ab" * 32])
    assert send(practice, token, dossier, new, index=index) == Refused("record_unknown")
    assert state(practice, new) is DocumentState.PENDING


def test_a_forged_index_leaves_it_pending(practice, token, dossier, new):
    index = index_of(practice, dossier, new)
    forged = replace(index, signatures=index_of(practice, dossier, practice.new_document(dossier)).signatures)
    with pytest.raises(SignatureError):
        send(practice, token, dossier, new, index=forged)
    assert state(practice, new) is DocumentState.PENDING


def test_a_wrong_body_begins_nothing(practice, token, dossier, new):
    for body in (b"", new.body[:-1], new.body + b"x", bytes(len(new.body))):
        with pytest.raises(DigestMismatchError):
            send(practice, token, dossier, new, body=body)
    assert state(practice, new) is None
    assert not practice.ports.keystore.exists(deposit.subject_of(new.id))


def test_who_may_not_is_told(practice, token, dossier, new, coach):
    assert send(practice, "another token", dossier, new) == Refused("sign_in")
    assert send(practice, token, "ff" * 16, new) == Refused("not_found")
    others = practice.new_document(dossier, person=coach)
    with pytest.raises(SignatureError):
        send(practice, token, dossier, others)
    assert not practice.ports.keystore.exists(deposit.subject_of(others.id))


def test_a_session_is_written_down_once_a_minute(practice, token, dossier, new):
    later = AT + timedelta(minutes=2)
    assert send(practice, token, dossier, new, now=later).state == "pending"
    with practice.ports.store.reading() as tx:
        assert tx.session(signing_in.token_hash(token)).seen_at == later


def test_an_object_that_cannot_be_put_leaves_nothing(practice, token, dossier, new, monkeypatch):
    def broken(*_, **__):
        raise UnavailableError("no disk")

    with monkeypatch.context() as patch:
        patch.setattr(type(practice.ports.objects), "put", broken)
        with pytest.raises(UnavailableError):
            send(practice, token, dossier, new)
    assert state(practice, new) is None
    assert send(practice, token, dossier, new).state == "pending"


def test_a_deposit_that_was_cut_off_is_taken_up(practice, token, dossier, new):
    practice.begin_whole(dossier, new)
    answer = send(practice, token, dossier, new)
    assert (answer.state, answer.repeated) == (DocumentState.PENDING, True)


def test_one_that_was_removed_while_it_was_written_is_not_found(practice, token, dossier, new, monkeypatch):
    put = type(practice.ports.objects).put

    def slow(*arguments, **named):
        with practice.ports.store.transaction(dossier) as tx:
            tx.remove_documents([new.id])
        return put(*arguments, **named)

    monkeypatch.setattr(type(practice.ports.objects), "put", slow)
    assert send(practice, token, dossier, new) == Refused("not_found")
    assert send(practice, token, dossier, new, index=index_of(practice, dossier, new)) == Refused("not_found")


def test_what_was_begun_is_answered_whatever_would_be_said_today(practice, token, dossier, new, monkeypatch):
    first = send(practice, token, dossier, new)
    refuse = SignatureError("on an old roster")
    monkeypatch.setattr(whole, "check_new", lambda *_: (_ for _ in ()).throw(refuse))
    assert send(practice, token, dossier, new) == replace(first, repeated=True)


def test_what_was_erased_is_not_deposited_again(practice, token, dossier, new):
    practice.ports.keystore.shred([deposit.subject_of(new.id)])
    with pytest.raises(TombstonedError):
        send(practice, token, dossier, new)
