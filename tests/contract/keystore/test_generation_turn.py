"""The turn of the SQL keystore: crashes at every step, two at once, and what is left on the disk afterwards."""

from __future__ import annotations

import os
import signal
import sqlite3
import stat
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from multiprocessing.context import ForkServerContext
from pathlib import Path

import psycopg
import pytest
from nacl.bindings import crypto_aead_xchacha20poly1305_ietf_decrypt as decrypt
from sqlalchemy import select, text

from tests.contract.places import generations, keystore_at
from tests.contract.samples import damage_key, id_, tombstoned
from tests.infra.serving import until
from vault import boxes
from vault.adapters.keystore import SqlKeystore, generation_turn, sealing, store
from vault.adapters.keystore.generation_turn import BESIDE
from vault.adapters.keystore.sealing import open_shred_key
from vault.adapters.keystore.tables import shred_key
from vault.adapters.sql.factory import reading, writing
from vault.errors import IntegrityError, UnavailableError
from vault.ports.errors import DamagedKeyError, ShreddedError, TombstonedError
from vault.ports.keystore import Subject, SubjectKind

KEPT = Subject(SubjectKind.DOSSIER, id_(1))
GONE = Subject(SubjectKind.DOCUMENT, id_(2))
BATCH = 100
ROWS = [Subject(SubjectKind.NOTICE, id_(number)) for number in range(250)]
# One of each step of a turn over more than two batches.
STEPS = ["taken", "allotted", "key made", "turning", "batch", "batch", "batch", "settled", "destroyed"]
STEP_IDS = [f"{number}-{step}" for number, step in enumerate(STEPS)]


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generation_turn, "BATCH", BATCH)


class CrashError(Exception):
    pass


def crash_at(position: int, crash: Callable[[], None]) -> Callable[[str], None]:
    seen: list[str] = []

    def step(name: str) -> None:
        seen.append(name)
        assert seen == STEPS[: len(seen)]
        if len(seen) == position + 1:
            crash()

    return step


def raise_it() -> None:
    raise CrashError


def kill_it() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def filled(folder: Path) -> tuple[SqlKeystore, bytes]:
    keystore = keystore_at(folder)
    keystore.create([KEPT, GONE, *ROWS])
    return keystore, keystore.seal(KEPT, "f", "r", b"text")


def state_of(folder: Path) -> tuple[list[int], set[int]]:
    """Generations that have a file, and those that rows name."""
    keystore = keystore_at(folder)
    with reading(keystore._engine) as connection:
        named = set(connection.scalars(text("SELECT DISTINCT generation FROM shred_key")))
    return generations(folder).numbers(), named


def assert_converged(folder: Path, sealed: bytes) -> None:
    keystore = keystore_at(folder)
    assert keystore.unseal(KEPT, "f", "r", sealed) == b"text", "readable in the middle of it"
    keystore.shred([GONE])
    number = keystore.turn()
    assert state_of(folder) == ([number], {number})
    assert keystore.unseal(KEPT, "f", "r", sealed) == b"text"
    assert all(keystore.exists(subject) for subject in ROWS[::50])
    keystore.check()


@pytest.mark.parametrize("position", range(len(STEPS)), ids=STEP_IDS)
def test_a_turn_that_stops_anywhere_is_finished_by_the_next(kept: Path, position: int) -> None:
    _, sealed = filled(kept)
    with pytest.raises(CrashError):
        keystore_at(kept, step=crash_at(position, raise_it)).turn()
    assert_converged(kept, sealed)


@pytest.mark.parametrize("position", range(len(STEPS)), ids=STEP_IDS)
def test_a_turn_that_is_killed_anywhere_is_finished_by_the_next(
    kept: Path, position: int, forked: ForkServerContext
) -> None:
    keystore, sealed = filled(kept)
    del keystore
    child = forked.Process(target=turn_and_die, args=(kept, position))
    child.start()
    child.join()
    assert child.exitcode == -signal.SIGKILL
    assert_converged(kept, sealed)


def turn_and_die(folder: Path, position: int) -> None:
    generation_turn.BATCH = BATCH
    keystore_at(folder, step=crash_at(position, kill_it)).turn()


def test_a_key_file_that_was_cut_off_by_a_crash_is_never_used(kept: Path) -> None:
    keystore, sealed = filled(kept)
    with pytest.raises(CrashError):
        keystore_at(kept, step=crash_at(STEPS.index("allotted"), raise_it)).turn()
    generations(kept).path(2).write_bytes(b"half")
    assert keystore.turn() == 3
    assert state_of(kept) == ([3], {3})
    assert keystore.unseal(KEPT, "f", "r", sealed) == b"text"


def test_a_key_file_that_the_keystore_did_not_make_is_not_its_to_destroy(kept: Path) -> None:
    keystore, sealed = filled(kept)
    foreign = generations(kept).path(2)
    foreign.write_bytes(b"k" * 32)
    assert keystore.turn() == 3
    assert foreign.read_bytes() == b"k" * 32
    assert keystore.unseal(KEPT, "f", "r", sealed) == b"text"


def test_a_damaged_row_is_carried_along_with_those_that_open(kept: Path) -> None:
    keystore, sealed = filled(kept)
    for subject in (GONE, *ROWS[:: BATCH // 2]):
        damage_key(keystore, subject)
    number = keystore.turn()
    assert state_of(kept) == ([number], {number})
    assert keystore.unseal(KEPT, "f", "r", sealed) == b"text"
    with pytest.raises(DamagedKeyError):
        keystore.seal(GONE, "f", "r", b"text")
    keystore.check()


def test_a_key_file_that_opens_no_row_is_the_wrong_one_and_nothing_is_destroyed(kept: Path) -> None:
    keystore, sealed = filled(kept)
    [number] = generations(kept).numbers()
    path = generations(kept).path(number)
    right, wrong = path.read_bytes(), bytes(32)
    path.write_bytes(wrong)
    with pytest.raises(IntegrityError, match="opens none"):
        keystore.turn()
    with pytest.raises(DamagedKeyError):
        keystore.check()
    path.write_bytes(right)
    keystore.check()
    assert keystore.unseal(KEPT, "f", "r", sealed) == b"text"
    keystore.turn()
    assert keystore.unseal(KEPT, "f", "r", sealed) == b"text"


def test_a_key_shredded_between_a_crash_and_the_next_turn_is_gone_after_that(kept: Path) -> None:
    """It may have been sealed under the unfinished generation, so finishing that one does not end it."""
    filled(kept)
    with pytest.raises(CrashError):
        keystore_at(kept, step=crash_at(STEPS.index("settled") - 1, raise_it)).turn()
    stolen = row_of(kept, GONE)
    keystore = keystore_at(kept)
    keystore.shred([GONE])
    keystore.turn()
    assert generations(kept).read(stolen[0]) is None


def test_a_new_key_in_the_middle_of_a_turn_survives_it(kept: Path) -> None:
    late = Subject(SubjectKind.SHARE, id_(9))
    other, _ = filled(kept)
    numbers: list[int] = []

    def step(name: str) -> None:
        if name in {"turning", "batch", "settled"}:
            numbers.append(len(numbers))
            other.create([Subject(SubjectKind.SHARE, id_(100 + len(numbers))), late])

    keystore = keystore_at(kept, step=step)
    number = keystore.turn()
    assert state_of(kept) == ([number], {number})
    for count in range(len(numbers)):
        keystore.seal(Subject(SubjectKind.SHARE, id_(101 + count)), "f", "r", b"")


@pytest.mark.parametrize("position", range(len(STEPS) - 2), ids=STEP_IDS[:-2])
def test_the_later_of_two_turns_takes_over_and_the_earlier_one_stops(kept: Path, position: int) -> None:
    other, sealed = filled(kept)
    results: list[int] = []
    keystore = keystore_at(kept, step=crash_at(position, lambda: results.append(other.turn())))
    with pytest.raises(UnavailableError, match="another process"):
        keystore.turn()
    numbers, named = state_of(kept)
    assert named == set(results)
    assert numbers[-1:] == results, "a file that the earlier one still made is below, unused, until the next turn"
    number = other.turn()
    assert state_of(kept) == ([number], {number})
    assert other.unseal(KEPT, "f", "r", sealed) == b"text"


def test_an_earlier_turn_that_is_done_harms_no_later_one(kept: Path) -> None:
    other, sealed = filled(kept)
    results: list[int] = []
    settled = STEPS.index("settled")
    keystore = keystore_at(kept, step=crash_at(settled, lambda: results.append(other.turn())))
    keystore.turn()
    assert state_of(kept) == (results, set(results))
    assert other.unseal(KEPT, "f", "r", sealed) == b"text"


def test_two_processes_that_turn_at_once_leave_one_generation(kept: Path, forked: ForkServerContext) -> None:
    keystore, sealed = filled(kept)
    children = [forked.Process(target=turn_or_stop, args=(kept,)) for _ in range(3)]
    for child in children:
        child.start()
    for child in children:
        child.join()
    assert [child.exitcode for child in children] == [0, 0, 0]
    numbers, named = state_of(kept)
    assert len(named) == 1
    assert named <= set(numbers)
    number = keystore.turn()
    assert state_of(kept) == ([number], {number})
    assert keystore.unseal(KEPT, "f", "r", sealed) == b"text"


def turn_or_stop(folder: Path) -> None:
    generation_turn.BATCH = BATCH
    try:
        keystore_at(folder).turn()
    except UnavailableError as error:
        assert "another process" in str(error)  # noqa: PT017


def row_of(folder: Path, subject: Subject) -> tuple[int, bytes]:
    query = select(shred_key.c.generation, shred_key.c.sealed)
    keystore = keystore_at(folder)
    with reading(keystore._engine) as connection:
        row = connection.execute(query.where(shred_key.c.kind == subject.kind, shred_key.c.id == subject.id)).one()
    return row.generation, row.sealed


def everything_in(folder: Path) -> bytes:
    return b"\0".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def test_after_shred_and_turn_no_byte_of_the_key_is_on_the_disk(tmp_path: Path) -> None:
    keystore, _ = filled(tmp_path)
    generation, sealed = row_of(tmp_path, GONE)
    generation_key = generations(tmp_path).read(generation)
    assert generation_key is not None
    key = open_shred_key(generation_key, generation, GONE, sealed)
    before = everything_in(tmp_path)
    assert sealed in before
    assert generation_key in before

    keystore.shred([GONE])
    assert sealed not in everything_in(tmp_path), "secure_delete zeroed the row at the commit"
    keystore.turn()

    after = everything_in(tmp_path)
    for secret in (key, generation_key, sealed, sealed[25:41], sealed[-16:], generation_key[:16]):
        assert secret not in after
    assert not generations(tmp_path).path(generation).exists()


def test_a_turn_leaves_no_row_in_its_old_sealed_form(tmp_path: Path) -> None:
    keystore, _ = filled(tmp_path)
    old = [row_of(tmp_path, subject)[1] for subject in (KEPT, *ROWS[::25])]
    keystore.turn()
    after = everything_in(tmp_path)
    assert not any(sealed[1:33] in after for sealed in old)


def test_no_deleted_row_waits_in_a_journal(tmp_path: Path) -> None:
    keystore, _ = filled(tmp_path)
    keystore.shred(ROWS)
    assert (tmp_path / "keystore.db-journal").stat().st_size == 0
    assert not (tmp_path / "keystore.db-wal").exists()


def test_an_old_generation_file_is_overwritten_before_it_is_unlinked(tmp_path: Path) -> None:
    filled(tmp_path)
    old = generations(tmp_path).path(1)
    os.link(old, tmp_path / "witness")
    keystore_at(tmp_path).turn()
    assert (tmp_path / "witness").read_bytes() == bytes(32)


def test_keys_and_database_belong_to_their_owner_alone(tmp_path: Path) -> None:
    filled(tmp_path)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.rglob("*") if path.is_file()}
    assert modes == {"keystore.db": 0o600, "keystore.db-journal": 0o600, "generation-1": 0o600}


def test_a_missing_generation_key_is_told_and_named(kept: Path) -> None:
    keystore, sealed = filled(kept)
    generations(kept).path(1).rename(kept / "elsewhere")
    for act in (keystore.check, lambda: keystore.unseal(KEPT, "f", "r", sealed), lambda: keystore.create([KEPT])):
        with pytest.raises(UnavailableError, match="generation-1"):
            act()
    with pytest.raises(IntegrityError, match="generation-1 is missing"):
        keystore.turn()
    (kept / "elsewhere").rename(generations(kept).path(1))
    assert keystore.unseal(KEPT, "f", "r", sealed) == b"text", "nothing was lost by trying"
    keystore.turn()


def test_the_key_of_another_installation_is_refused(kept: Path) -> None:
    keystore, sealed = filled(kept)
    generations(kept).path(1).write_bytes(bytes(32))
    with pytest.raises(IntegrityError):
        keystore.check()
    with pytest.raises(IntegrityError):
        keystore.unseal(KEPT, "f", "r", sealed)
    generations(kept).path(1).write_bytes(bytes(31))
    with pytest.raises(IntegrityError, match="is not a generation key"):
        keystore.check()


def test_a_row_moved_to_another_subject_does_not_open(tmp_path: Path) -> None:
    keystore, _ = filled(tmp_path)
    connection = sqlite3.connect(tmp_path / "keystore.db")
    connection.execute("UPDATE shred_key SET sealed = ? WHERE id = ?", (row_of(tmp_path, GONE)[1], KEPT.id))
    connection.commit()
    connection.close()
    with pytest.raises(IntegrityError):
        keystore.seal(KEPT, "f", "r", b"")


def test_a_reader_whose_generation_vanished_reads_the_row_again(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keystore, sealed = filled(kept)
    read = keystore._read
    turns = iter([keystore_at(kept).turn] * 2)

    def read_then_turn(subjects: set[Subject]) -> object:
        rows = read(subjects)
        next(turns, lambda: 0)()
        return rows

    monkeypatch.setattr(keystore, "_read", read_then_turn)
    assert keystore.unseal(KEPT, "f", "r", sealed) == b"text"


def test_a_reader_gives_up_when_there_is_no_end_of_turns(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keystore = keystore_at(kept)
    keystore.create([KEPT])
    sealed = keystore.seal(KEPT, "f", "r", b"text")
    read = keystore._read
    turning = keystore_at(kept).turn

    def read_then_turn(subjects: set[Subject]) -> object:
        rows = read(subjects)
        turning()
        return rows

    monkeypatch.setattr(keystore, "_read", read_then_turn)
    with pytest.raises(UnavailableError, match="again and again"):
        keystore.unseal(KEPT, "f", "r", sealed)


def test_two_processes_that_meet_an_empty_keystore_both_create(kept: Path, forked: ForkServerContext) -> None:
    keystore_at(kept)
    children = [forked.Process(target=create_one, args=(kept, number)) for number in range(4)]
    for child in children:
        child.start()
    for child in children:
        child.join()
    assert [child.exitcode for child in children] == [0] * 4
    keystore = keystore_at(kept)
    for number in range(4):
        keystore.seal(Subject(SubjectKind.SHARE, id_(number)), "f", "r", b"")


def create_one(folder: Path, number: int) -> None:
    keystore_at(folder).create([Subject(SubjectKind.SHARE, id_(number))])


def test_a_shredded_subject_stays_shut_with_the_old_database_alone(tmp_path: Path) -> None:
    """A thief of the database from before the erasure has the sealed row, and no generation key to open it."""
    keystore, _ = filled(tmp_path)
    value = keystore.seal(GONE, "f", "r", b"text")
    stolen = (tmp_path / "keystore.db").read_bytes()
    keystore.shred([GONE])
    keystore.turn()
    (tmp_path / "keystore.db").write_bytes(stolen)
    with pytest.raises((UnavailableError, IntegrityError, ShreddedError)):
        keystore_at(tmp_path).unseal(GONE, "f", "r", value)


def test_sealing_has_the_bytes_that_the_format_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boxes.secrets, "token_bytes", lambda size: bytes(range(size)))
    sealed = sealing.seal_value(bytes(32), KEPT, "head", "row", b"text")
    label = b"".join(
        len(part).to_bytes(4, "big") + part
        for part in (b"vault/v1/seal", b"head", b"dossier", KEPT.id.encode(), b"row")
    )
    nonce = bytes(range(24))
    assert sealed[:25] == b"\x01" + nonce
    assert decrypt(sealed[25:], label, nonce, bytes(32)) == b"text"
    key_label = b"".join(
        len(part).to_bytes(4, "big") + part for part in (b"vault/v1/shred-key", b"dossier", KEPT.id.encode(), b"12")
    )
    sealed_key = sealing.seal_shred_key(bytes(32), 12, KEPT, b"k" * 32)
    assert decrypt(sealed_key[25:], key_label, nonce, bytes(32)) == b"k" * 32


def test_who_is_killed_in_the_middle_holds_nobody_up(kept: Path, forked: ForkServerContext) -> None:
    keystore, _ = filled(kept)
    child = forked.Process(target=create_and_die, args=(kept,))
    child.start()
    child.join()
    assert child.exitcode == -signal.SIGKILL
    assert not keystore.exists(Subject(SubjectKind.SHARE, id_(1)))
    keystore.shred([GONE])
    keystore.turn()


def create_and_die(folder: Path) -> None:
    keystore = keystore_at(folder)
    with writing(keystore._engine, BESIDE) as connection:
        row = {"kind": SubjectKind.SHARE, "id": id_(1), "generation": 1, "sealed": b""}
        connection.execute(shred_key.insert().values(row))
        kill_it()


@pytest.mark.parametrize("databases", ["postgres"], indirect=True)
def test_a_key_is_never_made_for_a_subject_while_it_is_shredded(
    databases: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`create` has seen no tombstone and is about to write: a shred that came now would find no key to destroy."""
    keystore, other = keystore_at(databases), keystore_at(databases)
    keystore.create([KEPT])
    seal = store.seal_shred_key
    with ThreadPoolExecutor(1) as pool:
        shreds: list[Future[None]] = []

        def seal_late(*args: object) -> bytes:
            if not shreds:
                shreds.append(pool.submit(other.shred, [GONE]))
                await_waiting(databases)
            return seal(*args)  # type: ignore[arg-type]

        monkeypatch.setattr(store, "seal_shred_key", seal_late)
        keystore.create([GONE])
        shreds[0].result()
    assert (keystore.exists(GONE), tombstoned(keystore, GONE)) == (False, True)
    with pytest.raises(TombstonedError):
        keystore.create([GONE])


@pytest.mark.parametrize("databases", ["postgres"], indirect=True)
def test_keys_are_made_beside_one_another(databases: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keystore, other = keystore_at(databases), keystore_at(databases)
    keystore.create([KEPT])
    seal = store.seal_shred_key
    made: list[Subject] = []

    def seal_late(generation_key: bytes, generation: int, subject: Subject, key: bytes) -> bytes:
        if subject == GONE:
            made.extend(ROWS[:1])
            other.create(ROWS[:1])
        return seal(generation_key, generation, subject, key)

    monkeypatch.setattr(store, "seal_shred_key", seal_late)
    keystore.create([GONE])
    assert all(keystore.exists(subject) for subject in (GONE, *made))
    assert made


def await_waiting(folder: Path) -> None:
    """Until somebody waits for a lock of this database; without the lock that would never come."""
    query = "SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'advisory' AND database = "
    query += "(SELECT oid FROM pg_database WHERE datname = current_database())"
    with psycopg.connect((folder / "keystore.url").read_text(), autocommit=True) as connection:
        until(lambda: connection.execute(query).fetchone() == (1,))
