"""Connections that break, lie or dawdle: nothing half is kept, nothing is left behind, memory stays flat."""

from __future__ import annotations

import hashlib
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from gateway.http import limits
from tests.actors import Deposited
from tests.gateway.house import API, House, content_digest, form, parts_of
from vault.errors import UnavailableError
from vault.records.types.document import SEGMENT_SIZE


@pytest.fixture
def dossier(house: House) -> str:
    return house.practice.open_dossier()


@pytest.fixture
def larger(house: House, dossier: str) -> Deposited:
    document = house.practice.new_document(dossier, secrets.token_bytes(SEGMENT_SIZE + 70_000))
    house.practice.begin(dossier, document)
    return document


def settled(condition: Callable[[], bool]) -> bool:
    """Whether it becomes true soon: the server notices a broken connection in its own time."""
    for _ in range(200):
        if condition():
            return True
        time.sleep(0.02)
    return False


def raw(house: House, head: str, headers: dict[str, str]) -> socket.socket:
    """An open connection that has sent the head of a request."""
    lines = [head, f"Host: 127.0.0.1:{house.port}", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    connection = socket.create_connection(("127.0.0.1", house.port), timeout=20)
    connection.sendall("\r\n".join(lines).encode())
    return connection


def uploads(house: House) -> tuple[int, int]:
    state: Any = house.app.state.gateway
    return state.uploads.free, state.inline.free


FREE = (limits.UPLOADS, limits.INLINE_BYTES)


@pytest.mark.parametrize("sent", [0, 1, 65_536, 3_000_000, SEGMENT_SIZE - 1])
def test_a_sender_that_goes_away_leaves_no_segment(house: House, larger: Deposited, sent: int) -> None:
    segment = larger.segments[0]
    headers = {**house.session(), **content_digest(segment), "Content-Length": str(len(segment))}
    with raw(house, f"PUT {API}/documents/{larger.id}/segments/0 HTTP/1.1", headers) as connection:
        connection.sendall(segment[:sent])
        assert settled(lambda: uploads(house) != FREE)
    assert settled(lambda: uploads(house) == FREE)
    assert list(house.ports.objects.names()) == []
    assert house.member("GET", f"/documents/{larger.id}/segments").json()["items"] == []
    answer = house.member("PUT", f"/documents/{larger.id}/segments/0", content=segment, headers=content_digest(segment))
    assert answer.status_code == 201


def test_a_sender_that_goes_away_leaves_no_document(house: House, dossier: str) -> None:
    document = house.practice.new_document(dossier, secrets.token_bytes(2_000_000))
    request = form(parts_of(document))
    whole: bytes = request["content"]
    for sent in (10, 3000, 1_000_000, len(whole) - 3):
        headers = {**house.session(), **request["headers"], "Content-Length": str(len(whole))}
        with raw(house, f"POST {API}/dossiers/{dossier}/documents HTTP/1.1", headers) as connection:
            connection.sendall(whole[:sent])
            assert settled(lambda: uploads(house) != FREE)
        assert settled(lambda: uploads(house) == FREE)
        assert house.member("GET", f"/documents/{document.id}").status_code == 404
        assert list(house.ports.objects.names()) == []


def test_a_receiver_that_goes_away_closes_the_body(house: House, dossier: str, monkeypatch: pytest.MonkeyPatch) -> None:
    document = house.practice.deposit(dossier, secrets.token_bytes(3 * SEGMENT_SIZE))
    closed, get = threading.Event(), house.ports.objects.get

    def watched(name: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        try:
            yield from get(name, start, length)
        except GeneratorExit:
            closed.set()
            raise

    monkeypatch.setattr(house.ports.objects, "get", watched)
    with raw(house, f"GET {API}/documents/{document.id}/body HTTP/1.1", house.session()) as connection:
        connection.recv(1000)
    assert closed.wait(10)


def test_a_store_that_fails_under_way_cuts_the_answer(
    house: House, dossier: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = house.practice.deposit(dossier, secrets.token_bytes(3 * SEGMENT_SIZE))
    get = house.ports.objects.get

    def failing(name: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        if name.endswith("2"):
            raise OSError("input/output error")
        yield from get(name, start, length)

    monkeypatch.setattr(house.ports.objects, "get", failing)
    with pytest.raises(httpx.RemoteProtocolError):
        house.member("GET", f"/documents/{document.id}/body")


def test_a_disk_that_is_full_leaves_no_document(house: House, dossier: str, monkeypatch: pytest.MonkeyPatch) -> None:
    document = house.practice.new_document(dossier)

    def full(*_: object, **__: object) -> bool:
        raise UnavailableError("no space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(house.ports.objects, "put", full)
        answer = house.deposit(dossier, document)
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert house.member("GET", f"/documents/{document.id}").status_code == 404
    assert house.deposit(dossier, document).status_code == 201


def test_a_sender_that_pauses_is_not_waited_for(
    house: House, larger: Deposited, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("streams", "direct_body"):
        monkeypatch.setattr(f"gateway.http.{module}.IDLE_SECONDS", 0.2)
    segment = larger.segments[0]
    headers = {**house.session(), **content_digest(segment), "Content-Length": str(len(segment))}
    with raw(house, f"PUT {API}/documents/{larger.id}/segments/0 HTTP/1.1", headers) as connection:
        connection.sendall(segment[:100_000])
        assert answers(connection, 1) == [b"HTTP/1.1 408 Request Timeout"]
    assert settled(lambda: uploads(house) == FREE)
    assert list(house.ports.objects.names()) == []
    with raw(
        house, f"POST {API}/session HTTP/1.1", {"Content-Type": "application/json", "Content-Length": "9"}
    ) as idle:
        assert answers(idle, 1) == [b"HTTP/1.1 408 Request Timeout"]


def test_a_sender_that_trickles_is_not_waited_for_either(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.http.limits.GRACE_SECONDS", 0.3)
    monkeypatch.setattr("gateway.http.limits.SLOWEST_BYTES_A_SECOND", 2**40)
    headers = {"Content-Type": "application/json", "Content-Length": "9000"}
    with raw(house, f"POST {API}/session/parameters HTTP/1.1", {**headers, "Content-Length": "1000"}) as connection:
        connection.settimeout(0.05)
        answer = b""
        for _ in range(200):
            connection.sendall(b" ")
            try:
                answer = connection.recv(4000)
                break
            except TimeoutError:
                continue
    assert answer.startswith(b"HTTP/1.1 408")


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Length": "5", "Transfer-Encoding": "chunked"},
        {"Content-Length": "-1"},
        {"Content-Length": "5, 6"},
        {"Content-Length": "0x10"},
    ],
)
def test_a_length_that_lies_is_a_bad_request(house: House, headers: dict[str, str]) -> None:
    with raw(house, f"POST {API}/session/parameters HTTP/1.1", headers) as connection:
        assert answers(connection, 1) == [b"HTTP/1.1 400 Bad Request"]


def test_what_follows_a_request_is_never_part_of_it(house: House, larger: Deposited) -> None:
    segment = larger.segments[1]
    headers = {**house.session(), **content_digest(segment), "Content-Length": str(len(segment))}
    with raw(house, f"PUT {API}/documents/{larger.id}/segments/1 HTTP/1.1", headers) as connection:
        connection.sendall(segment + b"GARBAGE AFTER THE END\r\n\r\n")
        assert answers(connection, 1)[0] in (b"HTTP/1.1 201 Created", b"HTTP/1.1 400 Bad Request")
    items = house.member("GET", f"/documents/{larger.id}/segments").json()["items"]
    assert [item["sha256"] for item in items] in ([], [hashlib.sha256(segment).hexdigest()])


def answers(connection: socket.socket, count: int) -> list[bytes]:
    """The status lines of so many answers on one connection."""
    with connection.makefile("rb") as file:
        lines = []
        for _ in range(count):
            lines.append(file.readline().rstrip())
            length = 0
            while header := file.readline().rstrip():
                name, _, value = header.partition(b": ")
                length = int(value) if name.lower() == b"content-length" else length
            file.read(length)
        return lines


def put_head(house: House, larger: Deposited, number: int, **headers: str) -> str:
    segment = larger.segments[number]
    said = {**house.session(), **content_digest(segment), "Content-Length": str(len(segment)), **headers}
    lines = [f"PUT {API}/documents/{larger.id}/segments/{number} HTTP/1.1", "Host: here"]
    return "\r\n".join([*lines, *(f"{name}: {value}" for name, value in said.items()), "", ""])


NEXT = b"GET /healthz HTTP/1.1\r\nHost: here\r\n\r\n"


@pytest.mark.parametrize("first", [0, 1, 70_000, SEGMENT_SIZE - 1, SEGMENT_SIZE])
def test_the_next_request_begins_where_a_body_ends(house: House, larger: Deposited, first: int) -> None:
    head, segment = put_head(house, larger, 0).encode(), larger.segments[0]
    with socket.create_connection(("127.0.0.1", house.port), timeout=20) as connection:
        connection.sendall(head + segment[:first])
        assert first or settled(lambda: uploads(house) != FREE)
        connection.sendall(segment[first:] + NEXT + NEXT)
        assert answers(connection, 3) == [b"HTTP/1.1 201 Created", b"HTTP/1.1 200 OK", b"HTTP/1.1 200 OK"]
    digests = [item["sha256"] for item in house.member("GET", f"/documents/{larger.id}/segments").json()["items"]]
    assert digests == [hashlib.sha256(segment).hexdigest()]


def test_a_body_that_is_refused_under_way_is_skipped_and_the_connection_serves_on(
    house: House, larger: Deposited, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: str, source: Any, *__: object, **___: object) -> bool:
        source.readinto(memoryview(bytearray(100_000)))
        raise UnavailableError("no space left on device")

    segment = larger.segments[0]
    with socket.create_connection(("127.0.0.1", house.port), timeout=20) as connection:
        with monkeypatch.context() as patched:
            patched.setattr(house.ports.objects, "put", full)
            connection.sendall(put_head(house, larger, 0).encode() + segment[:5_000_000])
            assert answers(connection, 1) == [b"HTTP/1.1 503 Service Unavailable"]
        connection.sendall(segment[5_000_000:] + put_head(house, larger, 0).encode() + segment + NEXT)
        assert answers(connection, 2) == [b"HTTP/1.1 201 Created", b"HTTP/1.1 200 OK"]


def test_a_sender_that_asks_first_is_told_to_go_on(house: House, larger: Deposited) -> None:
    with socket.create_connection(("127.0.0.1", house.port), timeout=20) as connection:
        connection.sendall(put_head(house, larger, 1, Expect="100-continue").encode())
        assert answers(connection, 1) == [b"HTTP/1.1 100 Continue"]
        connection.sendall(larger.segments[1])
        assert answers(connection, 1) == [b"HTTP/1.1 201 Created"]


def test_what_a_thread_read_is_in_the_log(house: House, larger: Deposited, caplog: pytest.LogCaptureFixture) -> None:
    segment = larger.segments[0]
    with caplog.at_level("INFO", logger="gateway"):
        house.member("PUT", f"/documents/{larger.id}/segments/0", content=segment, headers=content_digest(segment))
        read = {"method": "PUT", "bytes_in": len(segment)}  # logged after the answer was sent
    assert settled(lambda: any(read.items() <= record.__dict__.get("fields", {}).items() for record in caplog.records))


def test_too_many_uploads_are_asked_to_come_back(house: House, larger: Deposited) -> None:
    house.app.state.gateway.uploads.free = 0
    house.app.state.gateway.uploads._seconds = 0.01
    segment = larger.segments[1]
    answer = house.member("PUT", f"/documents/{larger.id}/segments/1", content=segment, headers=content_digest(segment))
    assert (answer.status_code, answer.json()["code"], answer.headers["retry-after"]) == (503, "busy", "5")


@pytest.mark.parametrize("endless", [b"a" * 1000, b"X-More: and more\r\n" * 60])
def test_a_head_without_end_is_not_gathered(house: House, endless: bytes) -> None:
    with socket.create_connection(("127.0.0.1", house.port), timeout=20) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nX-Long: ")
        with pytest.raises(ConnectionError):
            flood(connection, endless)


def flood(connection: socket.socket, endless: bytes) -> None:
    """Send 20 MB, unless the other side has had enough."""
    for _ in range(20_000_000 // len(endless)):
        connection.sendall(endless)


def test_a_head_of_usual_size_passes(house: House) -> None:
    assert house.http.get("/healthz", headers={"X-Long": "a" * 30_000}).status_code == 200


@pytest.mark.parametrize("start", [b"", b"GET /healthz HTTP/1.1\r\nHost:"])
def test_a_head_that_does_not_come_is_not_waited_for(
    house: House, start: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.http.connection.HEAD_SECONDS", 0.2)
    with socket.create_connection(("127.0.0.1", house.port), timeout=20) as connection:
        connection.sendall(start)
        assert connection.recv(100) == b""


def test_a_connection_serves_request_after_request(house: House) -> None:
    with socket.create_connection(("127.0.0.1", house.port), timeout=20) as connection:
        for _ in range(3):
            connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            assert answers(connection, 1) == [b"HTTP/1.1 200 OK"]


def test_an_object_that_lost_its_end_is_a_problem_and_not_an_absence(
    house: House, dossier: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = house.practice.deposit(dossier, secrets.token_bytes(SEGMENT_SIZE))
    get = house.ports.objects.get

    def short(name: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        yield b"".join(get(name))[:-16][start : SEGMENT_SIZE if length is None else start + length]

    monkeypatch.setattr(house.ports.objects, "get", short)
    answer = house.member("GET", f"/documents/{document.id}/body", headers={"Range": f"bytes={SEGMENT_SIZE - 16}-"})
    assert (answer.status_code, answer.json()["code"]) == (500, "integrity")
