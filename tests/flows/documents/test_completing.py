"""What an intent reserved is completed by its own record alone, of the bytes that arrived, by somebody who still may."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.actors import NOW
from vault.domain.dossiers import DocumentState
from vault.errors import UnavailableError
from vault.flows.documents import completing, deposit, reading
from vault.ports.errors import DigestMismatchError, TombstonedError
from vault.records.encoding import RecordError
from vault.records.envelope import SignatureError
from vault.records.types.document import Document
from vault.rules.verdict import Refused

OTHERS = {
    "series": "ff" * 16,
    "kind": "plan",
    "draft": True,
    "nonce": bytes(16),
    "commitment": bytes(32),
    "size": 31,
}


@pytest.fixture
def sent(practice, dossier):
    """A document whose body has arrived."""
    document = practice.new_document(dossier)
    practice.begin(dossier, document)
    practice.put(document)
    return document


def other(practice, document, person=None, **changes):
    """Another record under the document's id."""
    changed = replace(Document.read(document.envelope), **changes)
    return replace(document, envelope=practice.sign("document", changed.content(), person))


def under_way(practice, document):
    with practice.ports.store.reading() as tx:
        row = tx.document(document.id)
        assert tx.record(row.record).kind == "intent"
    return (row.state, row.head, row.metadata) == (DocumentState.DEPOSITING, None, None)


def test_the_record_takes_the_place_of_its_intent(practice, dossier, sent):
    intent = practice.intent(sent).hash
    assert practice.complete(sent) is DocumentState.PENDING
    assert practice.complete(sent) is DocumentState.PENDING, "a lost answer is asked again"
    with practice.ports.store.reading() as tx:
        assert tx.record(intent) is None
        assert tx.record(sent.envelope.hash).kind == "document"
    practice.advance(dossier, [sent.envelope.hash])
    assert practice.complete(sent) is DocumentState.STORED
    view = reading.document(practice.ports, practice.director.caller, sent.id)
    assert (view.head, view.metadata) == (sent.head, sent.metadata)


@pytest.mark.parametrize("name", OTHERS)
def test_a_record_that_says_another_thing_than_its_intent_is_refused(practice, sent, name):
    assert practice.complete(other(practice, sent, **{name: OTHERS[name]})) == Refused("conflict")
    assert under_way(practice, sent)


def test_another_record_after_the_first_is_refused(practice, sent):
    practice.complete(sent)
    assert practice.complete(other(practice, sent, at=NOW + timedelta(seconds=1))) == Refused("conflict")


def test_a_body_that_is_not_the_one_signed_is_never_complete(practice, sent):
    with pytest.raises(DigestMismatchError):
        practice.complete(other(practice, sent, digest="00" * 32))
    assert under_way(practice, sent)


def test_head_and_metadata_have_limits(practice, sent):
    for changes in ({"head": b"x" * 4_097}, {"metadata": b"x" * 16_449}):
        with pytest.raises(RecordError):
            practice.complete(replace(sent, **changes))
    assert under_way(practice, sent)


def test_only_who_began_it_completes_it(practice, coach):
    dossier = practice.open_dossier(coach)
    document = practice.new_document(dossier, person=coach)
    practice.begin(dossier, document, coach)
    practice.put(document, person=coach)
    assert practice.complete(document) == Refused("not_allowed")
    assert practice.complete(other(practice, document)) == Refused("conflict")
    assert practice.complete(document, coach) is DocumentState.PENDING


def test_who_was_dismissed_meanwhile_completes_nothing(practice, coach):
    """Her intent was lawful; her record stands on a roster that is no longer the newest."""
    dossier = practice.open_dossier(coach)
    document = practice.new_document(dossier, person=coach)
    practice.begin(dossier, document, coach)
    practice.put(document, person=coach)
    practice.appoint("Erik")
    with pytest.raises(SignatureError):
        practice.complete(document, coach)
    newer = other(practice, document, coach, standing=practice.chain.standing)
    assert practice.complete(newer, coach) is DocumentState.PENDING, "who is still there signs on the newest"


def test_what_came_whole_is_completed_whole(practice, dossier):
    document = practice.new_document(dossier)
    practice.begin_whole(dossier, document)
    practice.put(document)
    assert practice.complete(document) == Refused("state")


def test_a_document_that_was_erased_meanwhile_is_not_completed(practice, sent):
    practice.ports.keystore.shred([deposit.subject_of(sent.id)])
    with pytest.raises(TombstonedError):
        practice.complete(sent)
    with practice.ports.store.transaction() as tx:
        tx.set_document_state([sent.id], DocumentState.REMOVED)
    assert practice.complete(sent) == Refused("not_found")


def test_two_who_complete_it_at_once_get_one_answer(practice, sent, monkeypatch):
    real, done = completing.seal_new, []

    def meanwhile(*arguments):
        sealed = real(*arguments)
        if not done:
            done.append(1)
            assert practice.complete(sent) is DocumentState.PENDING
        return sealed

    monkeypatch.setattr(completing, "seal_new", meanwhile)
    assert practice.complete(sent) is DocumentState.PENDING


STEPS = ("reading", "transaction")


@pytest.mark.parametrize("step", range(6))
def test_a_gateway_killed_at_any_step_leaves_a_deposit_that_can_go_on(practice, dossier, monkeypatch, step):
    """Each unit of work ends before the next begins: a process that dies before one has done those before it whole."""
    document = practice.new_document(dossier, secrets.token_bytes(100))
    left = [step]

    def counted(real):
        def unit(self, *arguments, **named):
            left[0] -= 1
            if left[0] < 0:
                raise UnavailableError("killed", advice="")
            return real(self, *arguments, **named)

        return unit

    def everything():
        assert not isinstance(practice.begin(dossier, document), Refused)
        assert practice.put(document) in {True, False}
        return practice.complete(document)

    with monkeypatch.context() as patch:
        for name in STEPS:
            patch.setattr(type(practice.ports.store), name, counted(getattr(type(practice.ports.store), name)))
        with pytest.raises(UnavailableError):
            everything()
    known = {name.split("/")[1] for name in practice.ports.objects.names()}
    with practice.ports.store.reading() as tx:
        assert known <= {row.id for row in tx.documents(dossier)}, "every object has an owner"
    assert everything() is DocumentState.PENDING
