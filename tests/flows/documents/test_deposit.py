"""A deposit: every object has an owner, every step may be repeated, what is stored is what was signed."""

from __future__ import annotations

import dataclasses
import hashlib
import io
from datetime import timedelta

import pytest

from tests.actors import NOW
from vault.domain.dossiers import DocumentState
from vault.errors import IntegrityError, InvalidInputError
from vault.flows.answers import Missing
from vault.flows.documents import deposit, reading
from vault.ports.errors import ConflictError, DigestMismatchError, TombstonedError
from vault.records.envelope import SignatureError
from vault.records.types.document import SEGMENT_SIZE
from vault.rules.verdict import Refused


def read(practice, document, start=0, length=None, person=None):
    return reading.body(practice.ports, (person or practice.director).caller, document.id, start, length, NOW)


def test_a_document_comes_back_as_it_was_put(practice, dossier, document):
    caller = practice.director.caller
    views = reading.documents(practice.ports, caller, dossier, "", 10)
    assert [(v.document, v.head, v.metadata, v.state) for v in views] == [
        (document.id, document.head, document.metadata, DocumentState.STORED)
    ]
    assert reading.document(practice.ports, caller, document.id).envelope.record == document.envelope.record
    body = read(practice, document)
    assert (body.size, body.start, body.length) == (len(document.body), 0, len(document.body))
    assert body.digest == document.envelope.fields["digest"]
    assert b"".join(body.pieces) == document.body


def test_a_stretch_over_several_segments_is_read(practice, dossier):
    whole = bytes(range(256)) * (SEGMENT_SIZE // 256) + b"tail of the second segment"
    document = practice.deposit(dossier, whole)
    assert b"".join(read(practice, document, SEGMENT_SIZE - 3, 10).pieces) == whole[SEGMENT_SIZE - 3 : SEGMENT_SIZE + 7]
    assert b"".join(read(practice, document, SEGMENT_SIZE + 5).pieces) == whole[SEGMENT_SIZE + 5 :]
    assert b"".join(read(practice, document, 0, 10**9).pieces) == whole


def test_a_strangers_call_finds_nothing(practice, dossier, document, coach):
    caller = coach.caller
    assert reading.documents(practice.ports, caller, dossier, "", 10) == Refused("not_found")
    assert reading.document(practice.ports, caller, document.id) == Refused("not_found")
    assert deposit.segments(practice.ports, caller, document.id) == Refused("not_found")
    assert practice.complete(document, coach) == Refused("not_found")
    assert read(practice, document, person=coach) == Refused("not_found")
    assert practice.put(document, person=coach) == Refused("not_found")
    deposit.abandon(practice.ports, caller, document.id)
    assert practice.begin(dossier, practice.new_document(dossier, person=coach), coach) == Refused("not_found")
    assert reading.document(practice.ports, practice.director.caller, "ff" * 16) == Refused("not_found")


def test_a_deposit_is_resumed_where_it_was(practice, dossier):
    document = practice.new_document(dossier, b"x" * SEGMENT_SIZE + b"yz")
    caller = practice.director.caller
    begun = practice.begin(dossier, document)
    assert (begun.segments, begun.repeated) == (2, False)
    assert practice.begin(dossier, document).repeated
    assert practice.put(document, 1) is True
    assert [s.number for s in deposit.segments(practice.ports, caller, document.id)] == [1]
    assert practice.complete(document) == Missing((0,))
    assert practice.put(document, 1) is False
    assert practice.put(document, 0) is True
    assert practice.complete(document) is DocumentState.PENDING
    assert practice.complete(document) is DocumentState.PENDING
    assert practice.put(document, 0) is False, "a lost answer is asked again"


def test_a_segment_stored_before_a_crash_is_recognised(practice, dossier):
    document = practice.new_document(dossier)
    practice.begin(dossier, document)
    name = f"{dossier}/{document.id}/00000"
    digest = hashlib.sha256(document.body).digest()
    practice.ports.objects.put(name, io.BytesIO(document.body), len(document.body), digest)
    assert practice.put(document) is False
    assert practice.complete(document) is DocumentState.PENDING


def test_other_bytes_under_a_taken_name_are_a_conflict(practice, dossier):
    document = practice.new_document(dossier)
    practice.begin(dossier, document)
    other = b"?" * len(document.body)
    name = f"{dossier}/{document.id}/00000"
    practice.ports.objects.put(name, io.BytesIO(other), len(other), hashlib.sha256(other).digest())
    with pytest.raises(ConflictError):
        practice.put(document)


def test_another_segment_after_the_first_is_a_conflict(practice, dossier):
    document = practice.new_document(dossier)
    practice.begin(dossier, document)
    practice.put(document)
    caller, size = practice.director.caller, len(document.body)
    with pytest.raises(ConflictError):
        deposit.put_segment(practice.ports, caller, document.id, 0, io.BytesIO(b"?" * size), size, b"d" * 32, NOW)


@pytest.mark.parametrize(("number", "size"), [(1, 30), (0, 29), (0, 31)])
def test_a_segment_the_record_does_not_know_is_refused(practice, dossier, number, size):
    document = practice.new_document(dossier)
    practice.begin(dossier, document)
    assert len(document.body) == 30
    with pytest.raises(InvalidInputError):
        deposit.put_segment(
            practice.ports, practice.director.caller, document.id, number, io.BytesIO(b""), size, b"d" * 32, NOW
        )


def test_bytes_that_are_not_those_announced_leave_nothing(practice, dossier):
    document = practice.new_document(dossier)
    practice.begin(dossier, document)
    caller, size = practice.director.caller, len(document.body)
    with pytest.raises(DigestMismatchError):
        deposit.put_segment(practice.ports, caller, document.id, 0, io.BytesIO(b"?" * size), size, b"d" * 32, NOW)
    assert list(practice.ports.objects.names()) == []
    deposit.abandon(practice.ports, caller, document.id)
    assert reading.document(practice.ports, caller, document.id) == Refused("not_found")
    assert practice.begin(dossier, document).repeated is False


def test_a_deposit_that_has_a_segment_is_not_abandoned_at_once(practice, dossier):
    document = practice.new_document(dossier)
    practice.begin(dossier, document)
    practice.put(document)
    deposit.abandon(practice.ports, practice.director.caller, document.id)
    assert practice.begin(dossier, document).repeated


def test_an_id_serves_one_record(practice, dossier, document):
    other = practice.new_document(dossier, id=document.id)
    assert practice.begin(dossier, other) == Refused("conflict")


def test_an_id_that_was_erased_is_never_taken_again(practice, dossier):
    document = practice.new_document(dossier)
    practice.ports.keystore.create([deposit.subject_of(document.id)])
    practice.ports.keystore.shred([deposit.subject_of(document.id)])
    with pytest.raises(TombstonedError):
        practice.begin(dossier, document)


def test_an_intent_of_another_dossier_or_signer_is_refused(practice, coach):
    mine, theirs = practice.open_dossier(coach), practice.open_dossier(coach)
    document = practice.new_document(mine, person=coach)
    with pytest.raises(SignatureError):
        practice.begin(theirs, document, coach)
    intent = practice.intent(document, coach)
    assert deposit.reserve(practice.ports, practice.director.caller, mine, intent, NOW) == Refused("not_allowed")


def test_nothing_of_a_deposit_under_way_is_shown(practice, dossier):
    document, caller = practice.new_document(dossier), practice.director.caller
    practice.begin(dossier, document)
    practice.put(document)
    assert reading.documents(practice.ports, caller, dossier, "", 10) == []
    assert reading.document(practice.ports, caller, document.id) == Refused("not_found")
    assert read(practice, document) == Refused("not_found")
    assert practice.advance(dossier, [practice.intent(document).hash]) == Refused("record_unknown")


def test_a_later_version_names_the_one_before(practice, dossier, document):
    later = practice.new_document(dossier, series=document.id, previous=document.envelope.hash)
    assert isinstance(practice.begin(dossier, later), deposit.Begun)
    wrong_series = practice.new_document(dossier, series="ff" * 16, previous=document.envelope.hash)
    assert practice.begin(dossier, wrong_series) == Refused("conflict")
    assert practice.begin(dossier, practice.new_document(dossier, previous="00" * 32)) == Refused("conflict")


def test_a_document_that_is_removed_while_it_is_read_ends_early(practice, dossier):
    document = practice.deposit(dossier, b"x" * SEGMENT_SIZE + b"yz")
    body = read(practice, document)
    pieces = body.pieces
    first = next(pieces)
    with practice.ports.store.transaction() as tx:
        tx.set_document_state([document.id], DocumentState.REMOVED)
    assert len(first) + sum(map(len, pieces)) == SEGMENT_SIZE
    assert practice.begin(dossier, document) == Refused("conflict")
    assert practice.put(document) == Refused("not_found")


def test_an_object_that_lost_its_end_is_damaged_and_not_gone(practice, dossier, monkeypatch):
    document = practice.deposit(dossier, b"x" * SEGMENT_SIZE + b"yz")
    get = practice.ports.objects.get

    def short(name, start=0, length=None):
        yield b"".join(get(name))[:-1][start : start + length]

    monkeypatch.setattr(practice.ports.objects, "get", short)
    for start in (0, SEGMENT_SIZE - 1, SEGMENT_SIZE + 1):
        with pytest.raises(IntegrityError):
            b"".join(read(practice, document, start).pieces)
    assert b"".join(read(practice, document, SEGMENT_SIZE, 1).pieces) == b"y"


def test_a_range_within_a_segment_has_an_address_for_who_may_read_it(practice, dossier, coach):
    document = practice.deposit(dossier, b"x" * SEGMENT_SIZE + b"yz")
    for start, length in ((0, None), (SEGMENT_SIZE - 1, 2), (SEGMENT_SIZE, 0)):
        assert read(practice, document, start, length).address() is None
    assert read(practice, document, 0, 5).address() is None, "the store has none"
    practice.ports.objects.place = "http://store/bucket"
    for start, number, offset in ((0, 0, 0), (7, 0, 7), (SEGMENT_SIZE + 1, 1, 1)):
        address = read(practice, document, start, 1).address()
        assert address.start == offset
        assert address.url.startswith(f"http://store/bucket/{dossier}/{document.id}/{number:05}?")
        assert address.url not in repr(address)
    body = read(practice, document, 0, 5)
    with practice.ports.store.transaction() as tx:
        tx.remove_documents([document.id])
    assert body.address() is None


def test_a_document_that_left_depositing_takes_no_more_segments(practice, dossier):
    document = practice.new_document(dossier, b"x" * SEGMENT_SIZE + b"yz")
    practice.begin(dossier, document)
    with practice.ports.store.transaction() as tx:
        tx.set_document_state([document.id], DocumentState.PENDING)
    assert practice.put(document) == Refused("state")


@pytest.mark.parametrize(("minutes", "left"), [(29, 31), (30, 60), (300, 60)])
def test_a_deposit_stays_under_way_for_longer_than_a_segment_may_take(practice, dossier, minutes, left):
    document = practice.new_document(dossier)
    practice.begin(dossier, document)
    practice.now = NOW + timedelta(minutes=minutes)
    assert practice.put(document)
    with practice.ports.store.reading() as tx:
        assert tx.document(document.id).leased_until == practice.now + timedelta(minutes=left)


def test_a_deposit_that_came_meanwhile_is_not_made_twice(practice, dossier, monkeypatch):
    document = practice.new_document(dossier)
    keystore = type(practice.ports.keystore)
    create, done = keystore.create, []

    def twice(self, subjects):
        create(self, subjects)
        if not done:
            done.append(1)
            practice.begin(dossier, document)

    monkeypatch.setattr(keystore, "create", twice)
    assert practice.begin(dossier, document).repeated


def test_a_document_of_another_dossier_is_not_shown_to_exist(practice, dossier, document, coach):
    elsewhere = practice.open_dossier(coach)
    assert practice.begin(elsewhere, document, coach) == Refused("conflict")


def test_a_stored_record_that_was_damaged_is_named_so_and_its_body_is_not_given(practice, dossier, document):
    with practice.ports.store.transaction() as tx:
        row = tx.record(document.envelope.hash)
        damaged_row = dataclasses.replace(row, record=row.record.replace(b"a", b"b"))
        tx._tables.record[row.hash] = damaged_row
    view = reading.document(practice.ports, practice.director.caller, document.id)
    assert (view.envelope, view.damaged, view.hash) == (None, ("record",), document.envelope.hash)
    with pytest.raises(IntegrityError):
        reading.body(practice.ports, practice.director.caller, document.id, 0, None, NOW)
