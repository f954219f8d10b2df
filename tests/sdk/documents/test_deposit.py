"""A deposit is stored whole or not at all, once, and a repeat goes on where the last attempt ended."""

import os
import re
from pathlib import Path
from typing import Any

import pytest

from tests.sdk.fake_gateway import refuse
from tests.sdk.practice import Practice, new_practice
from vault.age.stream import CHUNK_SIZE, TAG_SIZE
from vault.records.types.document import SEGMENT_SIZE
from vault.sdk.device.walk import collect
from vault.sdk.documents import deposit as module
from vault.sdk.documents import sealing
from vault.sdk.documents.reading import save_document
from vault.sdk.dossiers.finding import load_dossier
from vault.sdk.errors import ServerUnreachableError

BIG = SEGMENT_SIZE * 2 + 12_345
LARGEST_INLINE = SEGMENT_SIZE - TAG_SIZE * -(-SEGMENT_SIZE // (CHUNK_SIZE + TAG_SIZE))


@pytest.fixture
def practice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Practice:
    monkeypatch.setattr("vault.sdk.server.retry.PAUSES", (0.0, 0.0))
    return new_practice(tmp_path)


def states(outcomes: list[module.Outcome]) -> list[tuple[str, str, str | None]]:
    return [(outcome.name, outcome.state, outcome.reason) for outcome in outcomes]


def spool(practice: Practice) -> list[Path]:
    return list(practice.signed_in.home.spool.iterdir())


@pytest.mark.parametrize(
    "size",
    [0, 1, 65535, 65536, 65537, 131072, 131073, LARGEST_INLINE, LARGEST_INLINE + 1, *(2**23 + n for n in (-1, 0, 1))],
)
def test_every_size_comes_back_as_it_was(practice: Practice, size: int) -> None:
    content = os.urandom(size)
    (outcome,) = practice.put(practice.write("a.bin", content))
    assert (outcome.state, outcome.size) == ("stored", size)
    (listed,) = practice.listed()
    assert (listed.state, listed.metadata.size) == ("stored", size)
    assert (listed.record.size > SEGMENT_SIZE) == (practice.gateway.count("PUT", "segments") > 0)
    save_document(practice.dossier, listed, practice.folder / "back")
    assert (practice.folder / "back").read_bytes() == content
    assert not spool(practice)


def test_what_the_server_gets_is_not_what_was_written(practice: Practice) -> None:
    practice.put(practice.write("geheim.txt", b"kanarie" * 1000))
    (document,) = practice.gateway.documents.values()
    assert b"kanarie" not in practice.gateway.body(document["record"].id)
    assert "geheim" not in repr(practice.gateway.documents)


def test_a_folder_becomes_one_batch_and_one_index(practice: Practice) -> None:
    for name in ("scans/a.txt", "scans/b.eml", "scans/diep/c.pdf"):
        practice.write(name, name.encode())
    assert {outcome.state for outcome in practice.put(practice.folder / "scans")} == {"stored"}
    assert practice.gateway.count("POST", "/index") == 1
    listed = {one.metadata.path: one for one in practice.listed()}
    assert set(listed) == {"scans/a.txt", "scans/b.eml", "scans/diep/c.pdf"}
    assert listed["scans/b.eml"].record.kind == "correspondence"
    assert listed["scans/diep/c.pdf"].metadata.type == "application/pdf"


@pytest.mark.parametrize("size", [10, BIG])
def test_the_same_file_twice_is_noticed(practice: Practice, size: int) -> None:
    path = practice.write("a.bin", b"x" * size)
    copy = practice.write("copy/a.bin", b"x" * size)
    first, second = practice.put(path, copy)
    assert (first.state, second.state, second.id) == ("stored", "already", first.id)
    (again,) = practice.put(path)
    assert (again.state, again.id) == ("already", first.id)
    assert len(practice.gateway.documents) == 1
    (other,) = practice.put(practice.write("b.bin", b"x" * size))
    assert other.state == "stored", "another name is another document"
    path.write_bytes(b"y" * size)
    assert practice.put(path)[0].state == "stored", "another content is another document"


def test_a_file_that_fails_stops_no_other(practice: Practice) -> None:
    os.mkfifo(practice.folder / "pipe")
    outcomes = practice.put(practice.folder / "pipe", practice.folder / "gone", practice.write("good", b"1"))
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
    practice: Practice, monkeypatch: pytest.MonkeyPatch, size: int, how: str
) -> None:
    path = practice.write("a.bin", b"x" * size)
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

    monkeypatch.setattr(module, "check_unchanged", check)
    assert states(practice.put(path)) == [("a.bin", "failed", "changed")]
    assert not practice.gateway.documents
    assert not spool(practice)


@pytest.mark.parametrize("size", [1000, BIG])
def test_a_file_that_is_shorter_than_it_said_is_not_stored(practice: Practice, size: int) -> None:
    path = practice.write("a.bin", b"x" * size)
    fd, source = sealing.open_source(path)
    os.truncate(path, size // 2)
    with (practice.folder / "out").open("w+b") as out, pytest.raises(sealing.FileFailedError, match="changed"):
        _ = (
            sealing.seal_file(fd, out.fileno(), source, sealing.FileKey())
            if size == BIG
            else sealing.read_whole(fd, source)
        )
    os.close(fd)


def test_a_full_disk_fails_the_file_alone(practice: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.pwrite

    def full(fd: int, content: Any, offset: int) -> int:
        if offset > SEGMENT_SIZE:
            raise OSError(28, "No space left on device")
        return real(fd, content, offset)

    monkeypatch.setattr(os, "pwrite", full)
    outcomes = practice.put(practice.write("big", b"x" * BIG), practice.write("small", b"1"))
    assert states(outcomes) == [("big", "failed", "disk"), ("small", "stored", None)]
    assert not spool(practice)


def lose(practice: Practice, method: str, pattern: str, stage: str, *, times: int = 1, after: int = 0) -> None:
    """Lose some requests (`before`) or answers (`after`) that match."""
    seen = 0

    def fault(m: str, path: str, s: str) -> None:
        nonlocal seen
        if m == method and re.search(pattern, path) and s == stage:
            seen += 1
            if after < seen <= after + times:
                raise ServerUnreachableError("lost")

    practice.gateway.fault = fault


STEPS = [
    ("POST", "/documents$"),
    ("PUT", "/segments/"),
    ("POST", "/complete$"),
    ("POST", "/index$"),
    ("GET", "segments$"),
]


@pytest.mark.parametrize(("method", "pattern"), STEPS)
@pytest.mark.parametrize("stage", ["before", "after"])
def test_a_lost_answer_is_asked_for_again(practice: Practice, method: str, pattern: str, stage: str) -> None:
    paths = [practice.write("big", os.urandom(BIG)), practice.write("small", b"1")]
    lose(practice, method, pattern, stage)
    if pattern == "/index$":
        with pytest.raises(ServerUnreachableError):
            practice.put(*paths)
        assert {one.state for one in practice.put(*paths)} <= {"stored", "already"}
    else:
        assert {one.state for one in practice.put(*paths)} == {"stored"}
    assert len(practice.gateway.documents) == 2
    assert {one.state for one in practice.listed()} == {"stored"}
    assert not spool(practice)


@pytest.mark.parametrize(("method", "pattern"), STEPS)
@pytest.mark.parametrize("stage", ["before", "after"])
def test_after_a_crash_a_second_run_converges(practice: Practice, method: str, pattern: str, stage: str) -> None:
    paths = [practice.write("big", os.urandom(BIG)), practice.write("small", b"1")]
    lose(practice, method, pattern, stage, times=99)
    with pytest.raises(ServerUnreachableError):
        practice.put(*paths)
    practice.gateway.fault = lambda *_: None
    assert {one.state for one in practice.put(*paths)} <= {"stored", "already"}
    stored = [one for one in practice.listed() if one.state == "stored"]
    assert sorted(one.metadata.name for one in stored) == ["big", "small"]
    assert not spool(practice)
    for one in stored:
        save_document(practice.dossier, one, practice.folder / "back")
        assert (practice.folder / "back").read_bytes() == (practice.folder / one.metadata.name).read_bytes()


def test_an_interrupted_upload_sends_only_what_is_missing(practice: Practice) -> None:
    path = practice.write("big", os.urandom(SEGMENT_SIZE * 5))
    lose(practice, "PUT", "/segments/[45]", "before", times=99)
    with pytest.raises(ServerUnreachableError):
        practice.put(path)
    (document,) = practice.gateway.documents
    there = set(practice.gateway.documents[document]["segments"])
    practice.gateway.fault, practice.gateway.requests = lambda *_: None, []
    assert practice.put(path)[0].id == document
    assert practice.gateway.count("PUT", "/segments/") == 6 - len(there)


def test_a_changed_file_or_wish_begins_anew(practice: Practice) -> None:
    path = practice.write("big", os.urandom(BIG))
    lose(practice, "POST", "/complete$", "before", times=99)
    with pytest.raises(ServerUnreachableError):
        practice.put(path)
    (first,) = practice.gateway.documents
    practice.gateway.fault = lambda *_: None
    (outcome,) = module.deposit(practice.dossier, module_collect(path), module.Description("begeleiding", "report"))
    assert outcome.state == "stored"
    assert outcome.id != first
    assert not spool(practice)


def module_collect(path: Path) -> Any:
    return collect([path])


def test_what_the_server_refuses_begins_anew_next_time(practice: Practice) -> None:
    path = practice.write("big", os.urandom(BIG))

    def fault(method: str, request: str, stage: str) -> None:
        if request.endswith("/complete"):
            raise refuse(422, "digest_mismatch")

    practice.gateway.fault = fault
    assert states(practice.put(path)) == [("big", "failed", "digest_mismatch")]
    assert not spool(practice)
    (first,) = practice.gateway.documents
    practice.gateway.fault = lambda *_: None
    (outcome,) = practice.put(path)
    assert outcome.state == "stored"
    assert outcome.id != first


def test_a_small_file_that_the_server_refuses_fails_alone_and_its_copy_with_it(practice: Practice) -> None:
    def fault(method: str, request: str, stage: str) -> None:
        if request.endswith("/documents") and method == "POST":
            raise refuse(422, "invalid")

    practice.gateway.fault = fault
    outcomes = practice.put(practice.write("a", b"1"), practice.write("b/a", b"1"))
    assert states(outcomes) == [("a", "failed", "invalid"), ("a", "failed", "invalid")]
    assert [outcome.id for outcome in outcomes] == [None, None]


def test_segments_that_got_lost_are_sent_again(practice: Practice) -> None:
    path = practice.write("big", os.urandom(BIG))
    lost = []

    def fault(method: str, request: str, stage: str) -> None:
        if request.endswith("/complete") and not lost:
            lost.append(1)
            (document,) = practice.gateway.documents.values()
            del document["segments"][1]

    practice.gateway.fault = fault
    assert practice.put(path)[0].state == "stored"


def test_another_devices_index_is_taken_along(practice: Practice) -> None:
    other = load_dossier(practice.signed_in, practice.dossier.id)
    practice.put(practice.write("a", b"1"))
    outcomes = module.deposit(other, module_collect(practice.write("b", b"2")), module.Description("x"))
    assert [outcome.state for outcome in outcomes] == ["stored"]
    assert {one.state for one in practice.listed()} == {"stored"} or practice.dossier.post_index()
    assert len(practice.listed()) == 2
