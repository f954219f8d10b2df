"""The escrow of the generation keys: it follows every turn, and goes with what a turn destroyed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.contract.keystore.test_generation_turn import CrashError
from tests.contract.places import generations, keystore_at
from tests.contract.samples import id_
from tests.recipients import recipient
from vault.adapters import escrow as adapter
from vault.adapters.escrow import EscrowFiles, seal_to
from vault.adapters.keystore import SqlKeystore
from vault.domain.escrows import Escrowed
from vault.errors import IntegrityError, InvalidInputError, UnavailableError
from vault.ports.keystore import Keystore, Subject, SubjectKind
from vault.records.standing import Standing

A = Subject(SubjectKind.DOSSIER, id_(1))
TO = Escrowed(
    "cd" * 16, Standing(3, "ab" * 32), (recipient("sheet"), recipient("anna")), datetime(2026, 11, 30, 9, tzinfo=UTC)
)
STEPS = ["taken", "allotted", "key made", "escrowed", "turning", "batch", "settled", "destroyed"]


def test_it_is_sealed_to_whom_is_named_and_stays_so_over_every_turn(keystore: Keystore) -> None:
    keystore.create([A])
    keystore.adopt(id_(7))
    assert keystore.escrowed() is None
    assert keystore.escrow(TO) == TO
    keystore.turn()
    assert keystore.escrowed() == TO
    assert keystore.escrowed() is not None
    later = replace(TO, recipients=TO.recipients[:1], roster=Standing(4, "ac" * 32), at=TO.at + timedelta(days=1))
    keystore.escrow(later)
    keystore.turn()
    assert keystore.escrowed() == later


def test_who_has_no_usable_recipient_is_left_out_and_nobody_is_an_error(keystore: Keystore) -> None:
    keystore.create([A])
    keystore.adopt(id_(7))
    strangers = ("age1pq1x", "age1qqqqqqqqqqqq", recipient("anna")[:-1])
    assert keystore.escrow(replace(TO, recipients=(*strangers, *TO.recipients))).recipients == TO.recipients
    with pytest.raises(InvalidInputError, match="no director"):
        keystore.escrow(replace(TO, recipients=strangers))
    assert keystore.escrowed() == TO, "the one before stays"


@pytest.mark.parametrize(
    "spoilt",
    [
        lambda text: text[:40] + "b" + text[41:],  # "b" is no character of a key
        lambda text: text[:-7] + "p" + text[-6:] if text[-7] != "p" else text[:-7] + "z" + text[-6:],  # a stray end
        lambda text: "age1pq1" + "l" * 1946 + text[-6:],  # no ML-KEM key
        lambda text: text.upper(),
    ],
)
def test_what_is_no_key_is_no_recipient(spoilt) -> None:
    assert seal_to([spoilt(recipient("anna"))], bytes(32), b"info") == ()


def filled(folder: Path, **options) -> SqlKeystore:
    keystore = keystore_at(folder, **options)
    keystore.create([A])
    keystore.adopt(id_(7))
    keystore.escrow(TO)
    return keystore


def files(folder: Path) -> EscrowFiles:
    return EscrowFiles(folder / "keys" / "escrow")


@pytest.mark.parametrize("position", range(len(STEPS)), ids=STEPS)
def test_a_turn_that_stops_anywhere_leaves_an_escrow_of_every_key_that_a_row_may_need(
    kept: Path, position: int
) -> None:
    filled(kept)
    seen: list[str] = []

    def step(name: str) -> None:
        seen.append(name)
        if name == STEPS[position]:
            raise CrashError

    with pytest.raises(CrashError):
        keystore_at(kept, step=step).turn()
    assert seen == STEPS[: position + 1]
    found = keystore_at(kept).escrowed()
    assert found == TO
    assert found.whole
    number = keystore_at(kept).turn()
    assert files(kept).numbers() == generations(kept).numbers() == [number]


def test_a_key_is_not_destroyed_while_the_next_one_cannot_be_escrowed(kept: Path, monkeypatch) -> None:
    keystore = filled(kept)

    def full(*_: object) -> None:
        raise UnavailableError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(adapter, "write_private", full)
        with pytest.raises(UnavailableError):
            keystore.turn()
    assert (generations(kept).numbers(), files(kept).numbers()) == ([1, 2], [1])
    assert keystore.exists(A)
    assert keystore.turn() == 3
    assert files(kept).numbers() == [3]


def test_what_reads_otherwise_than_it_was_written_is_no_escrow(kept: Path, monkeypatch) -> None:
    keystore = filled(kept)
    monkeypatch.setattr(adapter, "write_private", lambda path, content: path.write_bytes(content[:-1]))
    with pytest.raises(IntegrityError, match="reads otherwise"):
        keystore.turn()


@pytest.mark.parametrize("damage", [b"", b"{}", None], ids=["torn", "empty", "gone"])
def test_a_damaged_or_lost_escrow_is_made_anew(kept: Path, damage: bytes | None) -> None:
    keystore = filled(kept)
    path = files(kept).path(1)
    path.unlink() if damage is None else path.write_bytes(damage)
    assert keystore.escrowed() is None
    assert keystore.turn() == 2, "nobody is known to seal to: nothing else waits for it"
    keystore.escrow(TO)
    assert (keystore.escrowed(), files(kept).numbers()) == (TO, [2])


def test_one_that_is_not_whole_says_so(kept: Path) -> None:
    keystore = filled(kept)
    kept_file = files(kept).path(1).read_bytes()
    keystore.turn()
    files(kept).path(2).unlink()
    files(kept).path(1).write_bytes(kept_file)
    found = keystore.escrowed()
    assert found is not None
    assert not found.whole
    files(kept).path(1).rename(files(kept).path(3))
    assert keystore.escrowed() is None, "another generation's under that name"


def test_the_loss_of_a_key_file_removes_no_escrow_and_neither_does_another_keystores(kept: Path) -> None:
    keystore = filled(kept)
    generations(kept).path(1).unlink()
    keystore.escrow(replace(TO, recipients=TO.recipients[:1]))
    assert files(kept).numbers() == [1]
    other = files(kept).path(1).read_bytes().replace(id_(7).encode(), id_(8).encode())
    files(kept).path(1).write_bytes(other)
    assert keystore.escrowed() is None
    assert files(kept).path(1).read_bytes() == other


def test_before_there_is_an_installation_nothing_is_sealed(kept: Path) -> None:
    keystore = keystore_at(kept)
    keystore.create([A])
    keystore.escrow(TO)
    keystore.turn()
    assert files(kept).numbers() == []
