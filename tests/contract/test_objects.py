from __future__ import annotations

import hashlib
import io
import random
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.twins.objects import MemoryObjects
from vault.adapters.objects_s3 import S3Objects
from vault.errors import InvalidInputError
from vault.ports.errors import DigestMismatchError
from vault.ports.objects import Objects

MIB = 1 << 20
NAME = "d0/c1/00000"
BODY = b"ciphertext"


def sha256(body: bytes) -> bytes:
    return hashlib.sha256(body).digest()


def put(objects: Objects, name: str, body: bytes = BODY) -> bool:
    return objects.put(name, io.BytesIO(body), len(body), sha256(body))


def read(objects: Objects, name: str, start: int = 0, length: int | None = None) -> bytes:
    return b"".join(objects.get(name, start, length))


@pytest.mark.parametrize("size", [0, 1, MIB - 1, MIB, MIB + 1, 3 * MIB + 5])
def test_what_is_put_is_got(objects: Objects, size: int) -> None:
    body = random.Random(size).randbytes(size)
    assert put(objects, NAME, body)
    assert read(objects, NAME) == body
    assert objects.size(NAME) == size
    assert all(len(piece) <= MIB for piece in objects.get(NAME))


def test_a_name_that_is_known_to_be_new_is_put_without_a_look_and_taken_from_then_on(objects: Objects) -> None:
    assert objects.put(NAME, io.BytesIO(BODY), len(BODY), sha256(BODY), fresh=True)
    assert read(objects, NAME) == BODY
    assert not put(objects, NAME, b"other")
    assert read(objects, NAME) == BODY


def test_a_source_that_gives_little_at_a_time_is_read_to_its_end(objects: Objects) -> None:
    class Trickle(io.BytesIO):
        def readinto(self, buffer: memoryview, /) -> int:
            return super().readinto(buffer[:3])

    assert objects.put(NAME, Trickle(BODY), len(BODY), sha256(BODY))
    assert read(objects, NAME) == BODY


def test_an_object_is_never_written_over(objects: Objects) -> None:
    class Unread(io.BytesIO):
        def readinto(self, _: memoryview, /) -> int:
            raise AssertionError("the source of an existing object is not read")

    assert put(objects, NAME)
    assert not objects.put(NAME, Unread(), 5, sha256(b"other"))
    assert read(objects, NAME) == BODY


@pytest.mark.parametrize(
    ("body", "size", "digest"),
    [
        (BODY, len(BODY) + 1, sha256(BODY)),
        (BODY, len(BODY) - 1, sha256(BODY[:-1])),
        (BODY, len(BODY), sha256(b"other")),
        (BODY, 0, sha256(b"")),
        (b"", 1, sha256(b"")),
        (b"x" * (2 * MIB), MIB, sha256(b"x" * MIB)),
    ],
    ids=["fewer", "more", "others", "more than nothing", "nothing", "a piece more"],
)
def test_other_bytes_than_announced_are_not_kept(objects: Objects, body: bytes, size: int, digest: bytes) -> None:
    with pytest.raises(DigestMismatchError):
        objects.put(NAME, io.BytesIO(body), size, digest)
    assert objects.size(NAME) is None
    assert list(objects.names()) == []
    assert put(objects, NAME), "the name is still free"


def test_a_source_that_fails_leaves_nothing(objects: Objects) -> None:
    class GoneError(Exception):
        pass

    class Broken(io.BytesIO):
        def readinto(self, buffer: memoryview, /) -> int:
            if self.tell():
                raise GoneError
            return super().readinto(buffer)

    with pytest.raises(GoneError):
        objects.put(NAME, Broken(BODY), len(BODY), sha256(BODY))
    assert list(objects.names()) == []


def test_an_absent_object_is_told_before_the_first_piece(objects: Objects) -> None:
    assert objects.size("d0/c1/00001") is None
    with pytest.raises(LookupError):
        next(objects.get("d0/c1/00001"))
    put(objects, NAME)
    with pytest.raises(LookupError):
        next(objects.get("d0/c2/00001"))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(start=st.integers(0, 3 * MIB), length=st.none() | st.integers(0, 3 * MIB))
def test_any_range_is_a_slice(objects: Objects, start: int, length: int | None) -> None:
    body = random.Random(1).randbytes(2 * MIB + 77)
    put(objects, NAME, body)
    end = None if length is None else start + length
    assert read(objects, NAME, start, length) == body[start:end]


@pytest.mark.parametrize(("start", "length"), [(-1, None), (0, -1)])
def test_a_negative_range_is_a_fault(objects: Objects, start: int, length: int) -> None:
    put(objects, NAME)
    with pytest.raises(ValueError):
        objects.get(NAME, start, length)


def test_an_address_gives_the_object_to_who_has_no_key_or_there_is_none(objects: Objects) -> None:
    put(objects, "d1/a/00000", b"ciphertext")
    address = objects.address("d1/a/00000")
    if address is not None and not isinstance(objects, MemoryObjects):
        with urllib.request.urlopen(address, timeout=20) as answer:
            assert answer.read() == b"ciphertext"
    with pytest.raises(InvalidInputError):
        objects.address("../a")


def test_the_ledger_lies_beside_the_dossiers_in_its_order(objects: Objects) -> None:
    names = [f"ledger/{number:010d}" for number in (10, 1, 2)]
    for name in (NAME, *names):
        assert put(objects, name, name.encode())
    assert list(objects.names("ledger/")) == sorted(names)
    assert read(objects, names[0]) == names[0].encode()
    assert not put(objects, names[0], b"other")


def test_names_come_in_order_and_by_prefix(objects: Objects) -> None:
    names = ["a/b/00001", "a/b/00000", "a/b-c/00000", "a-b/c/00000", "ab/c/00000", "ledger/1", "z"]
    for name in names:
        put(objects, name)
    assert list(objects.names()) == sorted(names)
    for prefix in ("a", "a/", "a/b", "a/b/", "a/b/00001", "a/b/000010", "ledger/", "x"):
        assert list(objects.names(prefix)) == sorted(name for name in names if name.startswith(prefix))


PART = st.text("ab-0", min_size=1, max_size=3)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=12)
@given(names=st.sets(st.tuples(PART, PART, PART).map("/".join), max_size=12), prefix=st.text("ab-0/", max_size=4))
def test_any_names_come_in_order(objects: Objects, names: set[str], prefix: str) -> None:
    objects.remove(list(objects.names()))
    for name in names:
        put(objects, name)
    assert list(objects.names(prefix)) == sorted(name for name in names if name.startswith(prefix))


def test_removal_is_repeatable_and_for_those_names_alone(objects: Objects) -> None:
    for number in range(3):
        put(objects, f"d/c/{number:05d}")
    for _ in range(2):
        objects.remove(["d/c/00000", "d/c/00002", "d/never/00000", "never"])
    assert list(objects.names()) == ["d/c/00001"]
    objects.remove(iter(["d/c/00001"]))
    assert list(objects.names()) == []
    assert put(objects, "d/c/00000")


@pytest.mark.parametrize("name", ["a/../b", "é"])
def test_a_name_that_could_lead_elsewhere_is_refused(objects: Objects, name: str) -> None:
    """What else such a name is: test_objects_directory, at the one function that all of them ask."""
    with pytest.raises(InvalidInputError):
        put(objects, name)
    with pytest.raises(InvalidInputError):
        objects.get(name)
    with pytest.raises(InvalidInputError):
        objects.size(name)
    with pytest.raises(InvalidInputError):
        objects.remove([name])


def test_one_of_many_puts_of_a_name_wins(objects: Objects, deciding: None) -> None:
    start = Barrier(8)

    def act(number: int) -> tuple[bool, bytes]:
        body = b"%d" % number * 1000
        start.wait()
        return put(objects, NAME, body), body

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(act, range(8)))
    assert [read(objects, NAME)] == [body for won, body in results if won]


def test_puts_and_removals_side_by_side_lose_nothing(objects: Objects, deciding: None) -> None:
    """A removal prunes the very folder that a put is about to use."""
    rounds = 10 if isinstance(objects, S3Objects) else 40

    def act(number: int) -> None:
        for _ in range(rounds):
            assert put(objects, f"d/c/{number:05d}")
            objects.remove([f"d/c/{number:05d}"])
        assert put(objects, f"d/c/{number:05d}")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(act, range(4)))
    assert list(objects.names()) == [f"d/c/{number:05d}" for number in range(4)]


def test_a_store_that_answers_passes_its_check(objects: Objects) -> None:
    objects.check()
    assert list(objects.names()) == []


def test_pieces_may_be_left_unread(objects: Objects) -> None:
    put(objects, NAME, b"x" * (2 * MIB))
    pieces: Iterator[bytes] = objects.get(NAME)
    assert 0 < len(next(pieces)) <= MIB
    pieces.close()  # type: ignore[attr-defined]
    assert list(pieces) == []


def test_a_folder_is_emptied_and_those_beside_it_stay(objects: Objects) -> None:
    below = ["d1/c/00000", "d1/c/00001", "d1/c2/00000", "d1/x"]
    beside = ["a/d1/c", "d", "d1-a/c/00000", "d10/c/00000", "d11"]
    for name in (*below, *beside):
        put(objects, name)
    assert not objects.empty_below("d1")
    objects.remove_below("d1/c")
    assert objects.empty_below("d1/c")
    assert list(objects.names("d1/")) == ["d1/c2/00000", "d1/x"]
    for _ in range(2):
        objects.remove_below("d1")
        assert objects.empty_below("d1")
    assert list(objects.names()) == sorted(beside)
    assert put(objects, "d1/c/00000"), "the names are free again"


def test_a_folder_that_never_was_is_empty(objects: Objects) -> None:
    put(objects, "d10/c/00000")
    assert objects.empty_below("d1")
    objects.remove_below("d1")
    assert objects.names("d10/c/00000")


def test_nothing_of_the_ledger_is_ever_removed(objects: Objects) -> None:
    for name in ("ledger/0000000001", "ledgers/1", "ledger-1"):
        put(objects, name)
    with pytest.raises(InvalidInputError):
        objects.remove(["ledgers/1", "ledger/0000000001"])
    with pytest.raises(InvalidInputError):
        objects.remove_below("ledger")
    assert list(objects.names()) == ["ledger-1", "ledger/0000000001", "ledgers/1"]
    objects.remove_below("ledgers")
    objects.remove(["ledger-1"])
    assert list(objects.names()) == ["ledger/0000000001"]


@pytest.mark.parametrize("folder", ["", "d1/"])
def test_a_folder_that_could_lead_elsewhere_is_refused(objects: Objects, folder: str) -> None:
    with pytest.raises(InvalidInputError):
        objects.remove_below(folder)
    with pytest.raises(InvalidInputError):
        objects.empty_below(folder)
