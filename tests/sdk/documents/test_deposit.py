"""A deposit is stored whole or not at all, once, and a repeat goes on where the last attempt ended."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.client.house import House
from vault.age.stream import CHUNK_SIZE, TAG_SIZE
from vault.errors import InvalidInputError
from vault.records.encoding import format_instant
from vault.records.types.document import SEGMENT_SIZE
from vault.sdk.device.source_file import SourceFile
from vault.sdk.device.walk import collect
from vault.sdk.documents import deposit as module
from vault.sdk.documents import in_parts, sealing
from vault.sdk.documents.reading import save_document
from vault.sdk.dossiers.finding import load_dossier
from vault.sdk.errors import ServerUnreachableError

BIG = SEGMENT_SIZE * 2 + 12_345
LARGEST_INLINE = SEGMENT_SIZE - TAG_SIZE * -(-SEGMENT_SIZE // (CHUNK_SIZE + TAG_SIZE))


pytestmark = pytest.mark.usefixtures("no_pauses")


def states(outcomes: list[module.Outcome]) -> list[tuple[str, str, str | None]]:
    return [(outcome.name, outcome.state, outcome.reason) for outcome in outcomes]


def spool(house: House) -> list[Path]:
    return list(house.signed_in.home.spool.iterdir())


@pytest.mark.parametrize(
    "size",
    [0, 1, 65535, 65536, 65537, 131072, 131073, LARGEST_INLINE, LARGEST_INLINE + 1, *(2**23 + n for n in (-1, 0, 1))],
)
def test_every_size_comes_back_as_it_was(house: House, size: int) -> None:
    content = os.urandom(size)
    (outcome,) = house.deposit(house.write("a.bin", content))
    assert (outcome.state, outcome.size) == ("stored", size)
    (listed,) = house.listed()
    assert (listed.state, listed.metadata.size) == ("stored", size)
    assert (listed.record.size > SEGMENT_SIZE) == (house.line.count("PUT", "segments") > 0)
    save_document(house.dossier, listed, house.folder / "back")
    assert (house.folder / "back").read_bytes() == content
    assert not spool(house)


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (32_503_680_000, "2999-12-31T23:59:59Z"),
        (2**40, "2999-12-31T23:59:59Z"),
        (-(2**40), "1900-01-01T00:00:00Z"),
        (-1, "1969-12-31T23:59:59Z"),
    ],
)
def test_a_time_that_no_reader_accepts_becomes_the_nearest_that_one_does(
    house: House, monkeypatch: pytest.MonkeyPatch, seconds: int, shown: str
) -> None:
    path, real = house.write("a.bin", b"x"), sealing.SourceFile.of

    def told(path: Path, status: os.stat_result) -> SourceFile:
        return replace(real(path, status), mtime_ns=seconds * 10**9)  # few file systems would keep it

    monkeypatch.setattr(sealing.SourceFile, "of", told)
    (outcome,) = house.deposit(path)
    assert outcome.state == "stored"
    (listed,) = house.listed()
    assert format_instant(listed.metadata.modified) == shown


@pytest.mark.parametrize("purpose", ["x" * 2001, "é" * 1001])
def test_a_purpose_that_no_reader_accepts_is_refused_before_anything_is_stored(house: House, purpose: str) -> None:
    found = collect([str(house.write("a.bin", b"x"))])
    with pytest.raises(InvalidInputError, match="the purpose is longer than 2000 bytes"):
        module.deposit(house.dossier, found, module.Description(purpose))
    assert not house.listed()
    (outcome,) = module.deposit(house.dossier, found, module.Description("é" * 1000))
    assert outcome.state == "stored"
    assert house.listed()[0].metadata.purpose == "é" * 1000


def test_what_the_server_gets_is_not_what_was_written(house: House) -> None:
    house.deposit(house.write("geheim.txt", b"kanarie" * 1000))
    [body] = house.gateway.objects.values()
    assert len(body) > 7000
    for kept in (house.line.sent, repr(house.gateway.rows).encode(), body):
        assert b"kanarie" not in kept
        assert b"geheim" not in kept


def test_a_folder_becomes_one_batch_and_one_index(house: House) -> None:
    for name in ("scans/a.txt", "scans/b.eml", "scans/diep/c.pdf"):
        house.write(name, name.encode())
    assert {outcome.state for outcome in house.deposit(house.folder / "scans")} == {"stored"}
    assert house.line.count("POST", "/index$") == 0, "the last of them brought it"
    assert house.dossier.index.sequence == 2
    listed = {one.metadata.path: one for one in house.listed()}
    assert set(listed) == {"scans/a.txt", "scans/b.eml", "scans/diep/c.pdf"}
    assert listed["scans/b.eml"].record.kind == "correspondence"
    assert listed["scans/diep/c.pdf"].metadata.type == "application/pdf"


@pytest.mark.parametrize("size", [10, BIG])
def test_the_same_file_twice_is_noticed(house: House, size: int) -> None:
    path = house.write("a.bin", b"x" * size)
    copy = house.write("copy/a.bin", b"x" * size)
    first, second = house.deposit(path, copy)
    assert (first.state, second.state, second.id) == ("stored", "already", first.id)
    (again,) = house.deposit(path)
    assert (again.state, again.id) == ("already", first.id)
    assert len(house.gateway.documents) == 1
    (other,) = house.deposit(house.write("b.bin", b"x" * size))
    assert other.state == "stored", "another name is another document"
    path.write_bytes(b"y" * size)
    assert house.deposit(path)[0].state == "stored", "another content is another document"


def test_a_file_that_fails_stops_no_other(house: House) -> None:
    os.mkfifo(house.folder / "pipe")
    outcomes = house.deposit(house.folder / "pipe", house.folder / "gone", house.write("good", b"1"))
    assert states(outcomes) == [
        ("pipe", "failed", "special_file"),
        ("gone", "failed", "missing"),
        ("good", "stored", None),
    ]


def test_what_takes_a_files_place_after_the_walk_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(sealing.FileFailedError, match="special_file"):
        sealing.open_source(tmp_path / "pipe")
    with pytest.raises(sealing.FileFailedError, match="missing"):
        sealing.open_source(tmp_path / "gone")
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(sealing.FileFailedError, match="unreadable"):
        sealing.open_source(tmp_path / "loop")


@pytest.mark.parametrize("size", [1000, BIG])
@pytest.mark.parametrize("how", ["written", "grown", "cut", "replaced", "removed"])
def test_a_file_that_changes_while_it_is_read_is_not_stored(
    house: House, monkeypatch: pytest.MonkeyPatch, size: int, how: str
) -> None:
    path = house.write("a.bin", b"x" * size)
    real = sealing.check_unchanged

    def meddle(*_: Any) -> None:
        match how:
            case "written":
                path.write_bytes(b"y" * size)
                os.utime(path, ns=(1, 1))
            case "grown":
                with path.open("ab") as file:
                    file.write(b"more")
            case "cut":
                os.truncate(path, size // 2)
            case "replaced":
                status = path.stat()
                path.rename(path.with_suffix(".old"))
                path.write_bytes(b"z" * size)
                os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
            case _:
                path.unlink()

    def check(*arguments: Any) -> None:
        meddle()
        real(*arguments)

    for each in (module, in_parts):
        monkeypatch.setattr(each, "check_unchanged", check)
    assert states(house.deposit(path)) == [("a.bin", "failed", "changed")]
    assert not house.listed()
    assert not spool(house)


def test_a_file_that_is_shorter_than_it_said_is_not_stored(house: House) -> None:
    path = house.write("a.bin", b"x" * 1000)
    fd, source = sealing.open_source(path)
    os.truncate(path, 500)
    with pytest.raises(sealing.FileFailedError, match="changed"):
        sealing.read_whole(fd, source)
    os.close(fd)


STEPS = [
    ("POST", "/documents$"),
    ("PUT", "/segments/"),
    ("POST", "/complete$"),
    ("POST", "/index$"),
]


def batch(house: House, pattern: str) -> list[Path]:
    """A large file, and a small one that brings the index, unless it is the index by itself that is to be lost."""
    small = [] if pattern == "/index$" else [house.write("small", b"1")]
    return [house.write("big", os.urandom(BIG)), *small]


@pytest.mark.parametrize(("method", "pattern"), STEPS)
@pytest.mark.parametrize("what", ["request", "answer"])
def test_a_lost_answer_is_asked_for_again(house: House, method: str, pattern: str, what: str) -> None:
    paths = batch(house, pattern)
    house.line.lose(method, pattern, what, times=1)
    if pattern == "/index$":
        with pytest.raises(ServerUnreachableError):
            house.deposit(*paths)
        assert {one.state for one in house.deposit(*paths)} <= {"stored", "already"}
    else:
        assert {one.state for one in house.deposit(*paths)} == {"stored"}
    assert len(house.gateway.documents) == len(paths)
    assert {one.state for one in house.listed()} == {"stored"}
    assert not spool(house)


@pytest.mark.parametrize(("method", "pattern"), STEPS)
@pytest.mark.parametrize("what", ["request", "answer"])
def test_after_a_crash_a_second_run_converges(house: House, method: str, pattern: str, what: str) -> None:
    paths = batch(house, pattern)
    house.line.lose(method, pattern, what)
    with pytest.raises(ServerUnreachableError):
        house.deposit(*paths)
    house.line.clear()
    assert {one.state for one in house.deposit(*paths)} <= {"stored", "already"}
    stored = [one for one in house.listed() if one.state == "stored"]
    assert sorted(one.metadata.name for one in stored) == sorted(path.name for path in paths)
    assert not spool(house)
    for one in stored:
        save_document(house.dossier, one, house.folder / "back")
        assert (house.folder / "back").read_bytes() == (house.folder / one.metadata.name).read_bytes()


def test_a_changed_file_or_wish_begins_anew(house: House) -> None:
    path = house.write("big", os.urandom(BIG))
    house.line.lose_request("POST", "/complete$")
    with pytest.raises(ServerUnreachableError):
        house.deposit(path)
    [first] = house.gateway.documents
    house.line.clear()
    (outcome,) = module.deposit(house.dossier, module_collect(path), module.Description("begeleiding", "report"))
    assert outcome.state == "stored"
    assert outcome.id != first.id
    assert not spool(house)


def module_collect(path: Path) -> Any:
    return collect([path])


def test_what_the_server_refuses_begins_anew_next_time(house: House) -> None:
    path = house.write("big", os.urandom(BIG))

    house.line.refuse("POST", "/complete$", 422, "digest_mismatch")
    assert states(house.deposit(path)) == [("big", "failed", "digest_mismatch")]
    assert not spool(house)
    [first] = house.gateway.documents
    house.line.clear()
    (outcome,) = house.deposit(path)
    assert outcome.state == "stored"
    assert outcome.id != first.id


def test_a_small_file_that_the_server_refuses_fails_alone_and_its_copy_with_it(house: House) -> None:
    house.line.refuse("POST", "/documents$", 422, "invalid")
    outcomes = house.deposit(house.write("a", b"1"), house.write("b/a", b"1"))
    assert states(outcomes) == [("a", "failed", "invalid"), ("a", "failed", "invalid")]
    assert [outcome.id for outcome in outcomes] == [None, None]


def test_another_devices_index_is_taken_along(house: House) -> None:
    other = load_dossier(house.signed_in, house.dossier.id)
    house.deposit(house.write("a", b"1"))
    outcomes = module.deposit(other, module_collect(house.write("b", b"2")), module.Description("x"))
    assert [outcome.state for outcome in outcomes] == ["stored"]
    assert {one.state for one in house.listed()} == {"stored"} or house.dossier.post_index()
    assert len(house.listed()) == 2
