"""A JSON body costs no more than it is worth: limits and errors are bounded before and after it is parsed."""

from __future__ import annotations

import socket
import time
from contextlib import ExitStack
from typing import Any

import pytest

from gateway.dependencies.bodies import COMMAS, CONTAINERS, MEMBERS, PARSE_INLINE
from gateway.http.failures import LISTED_ERRORS, SHOWN_ERRORS
from gateway.http.limits import JSON_BYTES, SMALL_JSON
from gateway.wire.people import Setup
from tests.actors import Practice
from tests.gateway.house import House, Switch, build

JSON = {"Content-Type": "application/json"}


def object_of(members: int) -> bytes:
    return b"{" + b",".join(b'"%06x":0' % number for number in range(members)) + b"}"


@pytest.mark.parametrize("size", [PARSE_INLINE, PARSE_INLINE + 1])
def test_a_body_is_read_alike_in_the_loop_and_in_a_thread(house: House, size: int) -> None:
    raw = b'{"email":"jan@praktijk.example"}'
    answer = house.ask("POST", "/session/parameters", content=raw + b" " * (size - len(raw)), headers=JSON)
    assert answer.status_code == 200


def test_some_errors_are_shown_and_of_very_many_none(house: House) -> None:
    some = house.ask("POST", "/session/parameters", content=object_of(SHOWN_ERRORS + 5), headers=JSON)
    assert (some.status_code, len(some.json()["fields"])) == (422, SHOWN_ERRORS)
    many = house.ask("POST", "/session/parameters", content=object_of(LISTED_ERRORS + 1), headers=JSON)
    assert (many.status_code, many.json()["fields"]) == (422, [{"field": "", "reason": "too_many_errors"}])


@pytest.mark.parametrize(("header", "status"), [("", 409), ("Dossier-Roster: 00\r\n", 409), ("the first", 200)])
def test_a_vault_that_was_set_up_answers_before_the_body(house: House, header: str, status: int) -> None:
    """Not one byte of it is sent; a repetition of the first request is told by its header."""
    with house.ports.store.reading() as tx:
        practice = tx.practice()
    assert practice is not None
    header = header.replace("the first", f"Dossier-Roster: {practice.setup}\r\n")
    head = f"POST /api/v1/setup HTTP/1.1\r\nHost: x\r\n{header}Content-Length: 100000\r\n\r\n"
    with socket.create_connection(("127.0.0.1", house.port), timeout=20) as connection:
        connection.sendall(head.encode())
        assert connection.recv(100).startswith(f"HTTP/1.1 {status} ".encode())


def test_the_worst_setup_of_a_stranger_is_refused_at_once(served: tuple[Switch, int]) -> None:
    house = build(*served, practice=Practice())
    beyond = house.ask("POST", "/setup", content=b" " * (Setup.limit + 1), headers=JSON)
    assert (beyond.status_code, beyond.json()["code"]) == (413, "too_large")
    worst = object_of(Setup.limit // 11)
    began = time.process_time()
    answer = house.ask("POST", "/setup", content=worst, headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert time.process_time() - began < 2  # 9.4 s when every error was listed; a tenth of a second now
    house.http.close()


def test_a_members_bodies_keep_no_other_members_out(house: House) -> None:
    """Her memory is counted as hers, until it is answered; a stranger's is the source's."""
    bodies = house.app.state.gateway.bodies
    counted: list[tuple[int, str]] = []
    hold = bodies.hold

    def noting(size: int, by: str) -> Any:
        counted.append((size, by))
        return hold(size, by)

    bodies.hold = noting
    large = b'{"policy":0,"more":"' + b"x" * SMALL_JSON + b'"}'
    answer = house.member("POST", "/roster", content=large, headers=JSON)
    assert answer.status_code == 422
    assert counted == [(len(large), house.practice.director.id)]
    assert (bodies.free, bodies._held) == (JSON_BYTES, {})
    small = house.member("POST", "/policy", content=b"{}", headers=JSON)
    assert (small.status_code, len(counted)) == (422, 1)


def test_a_flow_runs_in_its_members_turn(house: House) -> None:
    turns = house.app.state.gateway.turns
    taken: list[str] = []
    hold = turns.hold

    def noting(size: int, by: str) -> Any:
        taken.append(by)
        return hold(size, by)

    turns.hold = noting
    assert house.member("GET", "/dossiers").status_code == 200
    assert taken == ["127.0.0.1", house.practice.director.id], "a source's, until it is known who asks"
    turns.free, turns._seconds = 0, 0.01
    busy = house.member("GET", "/dossiers")
    assert (busy.status_code, busy.json()["code"]) == (503, "busy")


def test_a_list_is_not_validated_beyond_its_first_bad_element(house: House) -> None:
    items = b",".join([b'{"dossier":0}'] * 500)
    answer = house.member("PUT", "/wraps", content=b'{"items":[' + items + b"]}", headers=JSON)
    assert answer.status_code == 422
    fields = [each["field"] for each in answer.json()["fields"]]
    assert fields
    assert all(field.startswith("items/0/") for field in fields)


@pytest.mark.parametrize("body", [b'{"items":[%s]}', b'{"items":[{"dossier":[[%s]]}]}', b"%s"])
def test_an_object_of_very_many_members_is_not_validated_at_all(house: House, body: bytes) -> None:
    answer = house.member("PUT", "/wraps", content=body % object_of(MEMBERS + 1), headers=JSON)
    assert (answer.status_code, answer.json()["fields"]) == (422, [{"field": "", "reason": "too_many_errors"}])


def test_unfinished_bodies_of_one_source_are_bounded_and_keep_no_member_out(house: House) -> None:
    bodies = house.app.state.gateway.bodies
    size = 2 * SMALL_JSON
    bodies.free, bodies._share, bodies._seconds = 4 * size, 3 * size, 0.01
    head = (
        f"POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {size}\r\n\r\n"
    )
    with ExitStack() as connections:
        unfinished = [
            connections.enter_context(socket.create_connection(("127.0.0.1", house.port), timeout=20)) for _ in range(3)
        ]
        for connection in unfinished:
            connection.sendall(head.encode())
        while bodies.free > size:
            assert house.ask("GET", "//healthz").status_code == 200
        beyond = house.ask("POST", "/session", content=b" " * size, headers=JSON)
        assert (beyond.status_code, beyond.json()["code"]) == (503, "busy")
        mine = house.member("POST", "/policy", content=b" " * size, headers=JSON)
        assert mine.status_code == 422, "it was read"
    while bodies.free < 4 * size:
        assert house.ask("GET", "//healthz").status_code == 200


@pytest.mark.parametrize(
    "content", [b'{"items":[%s{}]}' % (b"{}," * CONTAINERS), b'{"items":[%s1]}' % (b"1," * (COMMAS + 1))]
)
def test_a_body_of_very_many_values_is_not_even_parsed(
    house: House, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    def never(*_: Any, **__: Any) -> Any:
        raise AssertionError("it was parsed")

    monkeypatch.setattr("gateway.dependencies.bodies.parse_object", never)
    answer = house.member("PUT", "/wraps", content=content, headers=JSON)
    assert (answer.status_code, answer.json()["fields"]) == (422, [{"field": "", "reason": "too_many_errors"}])
