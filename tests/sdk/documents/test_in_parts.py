"""A large file in parts: what was begun goes on, and one position of a stream never encrypts two plaintexts."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.client.house import House
from tests.client.line import Request
from vault.age.stream import CHUNK_SIZE, Sealer
from vault.domain.dossiers import object_name
from vault.flows.documents.deposit import subject_of
from vault.flows.erasures.retention import reconcile
from vault.records.types.document import SEGMENT_SIZE
from vault.sdk.device import journal
from vault.sdk.device.progress import UNWATCHED
from vault.sdk.device.spool import Spool, Wanted
from vault.sdk.documents import in_parts, sealing, uploads
from vault.sdk.documents.reading import save_document
from vault.sdk.errors import ServerUnreachableError

pytestmark = pytest.mark.usefixtures("no_pauses")
BIG = SEGMENT_SIZE * 2 + 12_345


def spool(house: House) -> list[Path]:
    return list(house.signed_in.home.spool.iterdir())


def interrupted(house: House, path: Path, *lost: str) -> None:
    """A deposit that stays under way because these requests do not arrive."""
    for pattern in lost:
        house.line.lose_request("*", pattern)
    with pytest.raises(ServerUnreachableError):
        house.deposit(path)
    house.line.clear()
    house.line.requests.clear()


def change_unseen(path: Path, position: int) -> None:
    """Other bytes of the same length in the same file, at the same time."""
    status = path.stat()
    with path.open("r+b") as file:
        file.seek(position)
        byte = file.read(1)
        file.seek(position)
        file.write(bytes([byte[0] ^ 1]))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


# Going on


def test_an_interrupted_upload_sends_only_what_is_missing(house: House) -> None:
    path = house.write("big", os.urandom(SEGMENT_SIZE * 5))
    interrupted(house, path, "/segments/[45]")
    [document] = house.gateway.documents
    there = {number for of, number in house.gateway.rows.segment if of == document.id}
    assert house.deposit(path)[0].id == document.id
    assert house.line.count("PUT", "/segments/") == 6 - len(there)
    save_document(house.dossier, house.listed()[0], house.folder / "back")
    assert (house.folder / "back").read_bytes() == path.read_bytes()


def test_a_deposit_that_the_server_has_given_up_begins_anew_under_another_id(house: House) -> None:
    """Its key was shredded: that document can never be made again, and the same command says nothing of it."""
    path = house.write("big", os.urandom(BIG))
    interrupted(house, path, "/complete$")
    [first] = house.gateway.documents
    [left] = spool(house)
    now = house.signed_in.now()
    long_ago = now - timedelta(days=2)
    house.gateway.rows.document[first.id] = replace(first, leased_until=long_ago, created_at=long_ago)
    assert reconcile(house.ports, now).documents == 1
    assert not house.ports.keystore.exists(subject_of(first.id))
    (outcome,) = house.deposit(path)
    assert (outcome.state, outcome.reason) == ("stored", None)
    assert outcome.id != first.id
    assert not left.exists()
    save_document(house.dossier, house.listed()[0], house.folder / "back")
    assert (house.folder / "back").read_bytes() == path.read_bytes()
    assert spool(house) == []


def test_one_that_is_refused_for_another_reason_is_not_begun_anew(house: House) -> None:
    path = house.write("big", os.urandom(BIG))
    interrupted(house, path, "/complete$")
    house.line.refuse("POST", "/documents$", 403, "not_allowed")
    (outcome,) = house.deposit(path)
    assert (outcome.state, outcome.reason) == ("failed", "not_allowed")
    assert house.line.count("POST", "/documents$") == 1


@pytest.mark.parametrize("what", ["request", "answer"])
def test_to_be_interrupted_again_while_going_on_loses_nothing(house: House, what: str) -> None:
    path = house.write("big", os.urandom(BIG))
    interrupted(house, path, "/segments/1")
    house.line.lose("GET", "/segments$", what)
    with pytest.raises(ServerUnreachableError):
        house.deposit(path)
    house.line.clear()
    assert house.deposit(path)[0].state == "stored"
    assert len(house.gateway.documents) == 1


def test_no_ciphertext_and_no_key_is_kept_on_this_machine(house: House) -> None:
    path = house.write("big", b"kanarie" * 1_500_000)
    interrupted(house, path, "/complete$")
    [entry] = spool(house)
    kept = {each.name: each.read_bytes() for each in entry.iterdir()}
    assert set(kept) == {"sealed", "claims"}
    assert sum(map(len, kept.values())) < 20_000
    assert b"big" not in kept["sealed"]


def test_what_the_server_has_of_another_content_begins_anew(house: House) -> None:
    path = house.write("big", os.urandom(BIG))
    interrupted(house, path, "/complete$")
    [first] = house.gateway.documents

    def other(said: dict[str, Any]) -> dict[str, Any]:
        return {**said, "items": [{**item, "sha256": "00" * 32} for item in said["items"]]}

    house.line.lie("GET", "/segments$", other)
    (outcome,) = house.deposit(path)
    assert (outcome.state, outcome.reason) == ("failed", "conflict")
    house.line.clear()
    (outcome,) = house.deposit(path)
    assert outcome.state == "stored"
    assert outcome.id != first.id


def test_segments_that_got_lost_are_sent_again(house: House) -> None:
    path = house.write("big", os.urandom(BIG))

    def lose_one(_: Request) -> None:
        [document] = house.gateway.documents
        del house.gateway.rows.segment[document.id, 1]
        del house.gateway.objects[object_name(house.dossier.id, document.id, 1)]

    house.line.watch("POST", "/complete$", lose_one, times=1)
    assert house.deposit(path)[0].state == "stored"
    assert house.line.count("PUT", "/segments/1") == 2


@pytest.mark.parametrize("missing", [[99], ["1"], [], None, [0]])
def test_a_server_that_asks_for_segments_without_end_is_given_up(house: House, missing: Any) -> None:
    path = house.write("big", os.urandom(SEGMENT_SIZE + 1))
    house.line.refuse("POST", "/complete$", 409, "segments_missing")
    real = uploads.complete

    def said(*arguments: Any) -> list[int]:
        with mock.patch.object(uploads.ApiError, "extra", {"missing": missing}, create=True):
            return real(*arguments)

    with mock.patch.object(uploads, "complete", said):
        outcome_or_error: Callable[[], Any] = lambda: house.deposit(path)  # noqa: E731
        with pytest.raises(uploads.AnswerError):
            outcome_or_error()
    assert not house.listed()


def test_of_an_epoch_before_this_one_nothing_goes_on(house: House) -> None:
    path = house.write("big", os.urandom(BIG))
    interrupted(house, path, "/complete$")
    [first] = house.gateway.documents
    with mock.patch.object(in_parts, "_file_key", side_effect=in_parts.AgeError("another recipient")):
        (outcome,) = house.deposit(path)
    assert outcome.state == "stored"
    assert outcome.id != first.id


def test_two_processes_do_not_go_on_with_one_deposit(house: House) -> None:
    path = house.write("big", os.urandom(BIG))
    interrupted(house, path, "/complete$")
    [first] = house.gateway.documents
    mine = Spool(house.signed_in.home, house.signed_in.keyring.spool_key)
    _, source = sealing.open_source(path)
    entry = mine.find(house.dossier.id, source)
    assert entry is not None
    (outcome,) = house.deposit(path)
    assert outcome.state == "stored"
    assert outcome.id != first.id, "another process holds it"
    entry.close()


# The disk


def test_a_full_disk_fails_the_file_alone(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(journal.os, "fdatasync", full)
    outcomes = house.deposit(house.write("big", b"x" * BIG), house.write("small", b"1"))
    assert [(one.name, one.state, one.reason) for one in outcomes] == [
        ("big", "failed", "disk"),
        ("small", "stored", None),
    ]
    assert house.line.count("PUT", "/segments/") == 0, "what could not be written down was not encrypted"
    assert not spool(house)


# What changes


def test_a_change_that_nothing_shows_is_noticed_before_anything_is_sent(house: House) -> None:
    path = house.write("big", os.urandom(BIG))
    interrupted(house, path, "/complete$")
    [first] = house.gateway.documents
    change_unseen(path, 5)
    (outcome,) = house.deposit(path)
    assert (outcome.state, outcome.reason) == ("failed", "changed")
    assert house.line.count("PUT", "/segments/") == 0
    (outcome,) = house.deposit(path)
    assert outcome.state == "stored"
    assert outcome.id != first.id
    (listed,) = house.listed()
    assert listed.record.nonce != house.gateway.rows.record.get(first.record)
    save_document(house.dossier, listed, house.folder / "back")
    assert (house.folder / "back").read_bytes() == path.read_bytes()


class KilledError(BaseException):
    """The process ends here."""


class Spy(Sealer):
    """Every plaintext that was encrypted, by key and nonce of its chunk."""

    seen: dict[tuple[bytes, int, bool], bytes]
    __slots__ = ("key",)

    def __init__(self, payload_key: bytes) -> None:
        super().__init__(payload_key)
        self.key = payload_key

    def seal_chunks(self, first: int, plain: memoryview, out: memoryview, *, last: bool) -> memoryview:
        count = max(1, -(-len(plain) // CHUNK_SIZE))
        for number in range(count):
            chunk = bytes(plain[number * CHUNK_SIZE : (number + 1) * CHUNK_SIZE])
            place = (self.key, first + number, last and number == count - 1)
            assert self.seen.setdefault(place, chunk) == chunk, "one position encrypted two plaintexts"
        return super().seal_chunks(first, plain, out, last=last)


class Device:
    """One file of five blocks, and attempts to deposit it that end anywhere; a server that takes everything."""

    BLOCKS, SIZE = 5, 2 * CHUNK_SIZE

    def __init__(self, house: House, path: Path) -> None:
        self.dossier, self.path = house.dossier, path
        self.spool = Spool(house.signed_in.home, house.signed_in.keyring.spool_key)
        path.write_bytes(secrets.token_bytes(self.BLOCKS * self.SIZE - 777))
        self.sent: dict[tuple[str, int], bytes] = {}
        self.left, self.meanwhile, self.torn = -1, -1, 0

    def step(self) -> None:
        """One step of an attempt: the source changes here, or the process ends."""
        self.left -= 1
        if self.left == self.meanwhile:
            change_unseen(self.path, 3 * self.SIZE + 5)
        if self.left == 0:
            raise KilledError

    def put(self, _: object, path: str, segment: memoryview, *rest: object) -> bytes:
        """A segment leaves the device; a second time it is the same bytes."""
        place = (path.split("/")[2], int(path.rpartition("/")[2]))
        assert self.sent.setdefault(place, bytes(segment)) == bytes(segment)
        self.step()
        return uploads.hashlib.sha256(segment).digest()

    def synced(self, fd: int) -> None:
        """A line reaches the disk; a process that ends here may leave a part of it, for nothing followed."""
        try:
            self.step()
        except KilledError:
            os.ftruncate(fd, os.fstat(fd).st_size - self.torn)
            raise

    def attempt(self) -> None:
        fd, source = sealing.open_source(self.path)
        wanted = Wanted("a.bin", "", "x")
        file = None
        try:
            file = in_parts.resume(self.dossier, self.spool, source, wanted, "other") or in_parts.begin(
                self.dossier, self.spool, source, wanted, "other"
            )
            file.send(fd, self.path, UNWATCHED)
        except KilledError:
            pass
        except sealing.FileFailedError:
            file.entry.remove()
        finally:
            os.close(fd)
            if file is not None:
                file.entry.close()


ATTEMPTS = st.lists(
    st.tuples(
        st.integers(-1, 14),  # the step at which it ends; -1: it comes to its end
        st.integers(-1, 12),  # so many steps before that the source changes under it
        st.integers(0, 76),  # bytes of the last line that were lost
        st.sampled_from(["", "unseen", "touched", "grown"]),  # what happens to the source afterwards
        st.integers(0, Device.BLOCKS * Device.SIZE - 1000),
    ),
    min_size=1,
    max_size=6,
)


@given(ATTEMPTS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
def test_whatever_happens_one_position_never_encrypts_two_plaintexts(house: House, attempts: list[Any]) -> None:
    device = Device(house, house.folder / "source.bin")
    small = {"BLOCK_SIZE": Device.SIZE, "BLOCK_CHUNKS": 2, "SEGMENT_SIZE": 100_000, "Sealer": Spy}
    with ExitStack() as stack:
        Spy.seen = {}
        for name, value in small.items():
            stack.enter_context(mock.patch.object(sealing, name, value))
        stack.enter_context(mock.patch.object(uploads, "_send_one", device.put))
        stack.enter_context(mock.patch.object(uploads, "THREADS", 1))
        stack.enter_context(mock.patch.object(journal.os, "fdatasync", device.synced))
        for name, answer in {"reserve": None, "arrived": {}, "complete": []}.items():
            stack.enter_context(mock.patch.object(uploads, name, return_value=answer))
        for device.left, device.meanwhile, device.torn, change, position in attempts:
            device.attempt()
            match change:
                case "unseen":
                    change_unseen(device.path, position)
                case "touched":
                    device.path.touch()
                case "grown":
                    with device.path.open("ab") as file:
                        file.write(b"more")
