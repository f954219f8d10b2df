"""Where the keystore stands, and the identity that it shares with its key files."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contract.places import generations, keystore_at
from tests.contract.samples import id_
from vault.domain.erasures import LedgerRow
from vault.errors import IntegrityError
from vault.ports.errors import ConflictError
from vault.ports.keystore import Keystore, Subject, SubjectKind

A = Subject(SubjectKind.DOSSIER, id_(1))


def test_it_is_blank_until_it_holds_a_key_a_tombstone_or_a_ledger(keystore: Keystore) -> None:
    assert keystore.position().blank
    keystore.create([A])
    assert not keystore.position().blank
    keystore.shred([A])
    assert not keystore.position().blank


def test_a_ledger_alone_is_something(keystore: Keystore) -> None:
    keystore.inscribe(LedgerRow(1, b"{}"))
    found = keystore.position()
    assert (found.blank, found.ledger) == (False, 1)


def test_an_identity_is_adopted_once_beside_the_keys_too(keystore: Keystore) -> None:
    for _ in range(2):
        keystore.adopt(id_(1))
    with pytest.raises(ConflictError):
        keystore.adopt(id_(2))
    assert keystore.position().installation == keystore.key_files().installation == id_(1)


def test_it_keeps_how_far_the_records_were_seen(keystore: Keystore) -> None:
    assert keystore.position().audit == 0
    keystore.witness(7)
    keystore.witness(5)
    assert keystore.position().audit == 5


def test_every_generation_has_a_mark_of_its_own_that_is_known_for_good(keystore: Keystore) -> None:
    keystore.create([A])
    marks = [keystore.position().mark]
    for _ in range(2):
        keystore.turn()
        marks.append(keystore.position().mark)
    assert len(set(marks)) == 3
    assert not any(keystore.position(mark).forgot for mark in ("", *marks))
    assert keystore.position("f" * 32).forgot


def test_an_older_copy_has_never_heard_of_the_mark_though_its_numbers_come_again(kept: Path) -> None:
    keystore, other = keystore_at(kept), keystore_at(kept)
    keystore.create([A])
    keystore.turn()
    found = other.position("0" * 32)
    assert found.forgot
    assert found.generation == found.allotted == 2


def test_the_files_of_a_newer_copy_become_its_own_and_are_destroyed(kept: Path) -> None:
    keystore = keystore_at(kept)
    keystore.create([A])
    sealed = keystore.seal(A, "f", "r", b"text")
    generations(kept).make(9)
    keystore.own_files()
    assert keystore.position().allotted == 9
    assert keystore.turn() == 10
    assert keystore.key_files().generations == {10}
    assert keystore.unseal(A, "f", "r", sealed) == b"text"


def test_no_file_to_own_is_nothing_to_do(kept: Path) -> None:
    keystore_at(kept).own_files()
    assert keystore_at(kept).key_files().generations == frozenset()


def test_an_identity_that_is_torn_is_said(kept: Path) -> None:
    keystore = keystore_at(kept)
    keystore.adopt(id_(1))
    [path] = generations(kept).path(1).parent.glob("*-of")
    path.write_bytes(b"half")
    with pytest.raises(IntegrityError, match="names no installation"):
        keystore.key_files()
