"""What a gateway answers while a store was put back: it reads and lets in, and writes and releases nothing."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from typing import Any

import pytest

from gateway.stores import StoresWatch
from tests.actors import Practice
from tests.gateway.house import API, House
from vault.domain.positions import Fault, Finding, StoreName
from vault.flows.positions.saying import told
from vault.records.encoding import new_id, to_base64url

BEHIND = (Finding(StoreName.RECORDS, Fault.BEHIND),)
# By POST, and answered: a list that is read, the way in and out, and a director's word that ends it.
ANSWERED = {"listChanges", "getParameters", "signIn", "signOut", "endDevices", "addRepair", "addRestoration"}
ANSWERED |= {"showSeen", "agree"}
# By GET, and refused: what a receiver fetches is released.
RELEASED = {"getPickedUpBody"}


@pytest.fixture
def frozen(house: House, monkeypatch: pytest.MonkeyPatch) -> House:
    async def found(*_: object) -> tuple[Finding, ...]:
        return BEHIND

    monkeypatch.setattr(StoresWatch, "findings", found)
    return house


def operations(house: House) -> list[tuple[str, str, str]]:
    return [
        (method.upper(), path.removeprefix(API), str(operation["operationId"]))
        for path, every in house.contract.document["paths"].items()
        for method, operation in every.items()
        if path.startswith(API)
    ]


def code_of(house: House, method: str, path: str) -> str:
    ids = {name: new_id() for name in ("dossier", "share", "erasure", "document", "member", "name", "invitation")}
    url = path.format(**{**ids, "number": "0", "epoch": "1"})
    answer: Any = house.ask(method, url, headers=house.session())
    if not answer.headers.get("content-type", "").endswith("json"):
        return ""
    return str(answer.json().get("code", ""))


def test_every_route_that_writes_or_releases_is_shut_and_no_other(frozen: House) -> None:
    said = operations(frozen)
    shut = {name for method, path, name in said if code_of(frozen, method, path) == "restored"}
    reads = {name for method, _, name in said if method == "GET"}
    assert {name for _, _, name in said} >= ANSWERED | RELEASED
    assert shut == {name for _, _, name in said} - (reads - RELEASED) - ANSWERED


def test_what_is_answered_leaves_no_line_in_the_audit(frozen: House) -> None:
    """By the number of the newest line a store is known that was put back."""
    director = frozen.practice.director
    signed = {"email": director.email, "login": to_base64url(director.login), "code": "a" * 24}
    assert frozen.ask("POST", "/session", json=signed).json()["code"] == "restored"
    ended = {"login": to_base64url(director.login), "member": director.id}
    assert frozen.member("POST", "/account/devices/end", json=ended).json()["code"] == "restored"
    del ended["member"]
    assert frozen.member("POST", "/account/devices/end", json=ended).status_code == 204


def test_readiness_says_which_store_and_what_to_do(frozen: House) -> None:
    answer = frozen.http.get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (503, "restored")
    [stores] = [each for each in answer.json()["checks"] if each["name"] == "stores"]
    assert stores["advice"] == told(BEHIND)


def test_nothing_is_written_before_a_first_comparison(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    async def nothing(*_: object) -> None:
        return None

    monkeypatch.setattr(StoresWatch, "findings", nothing)
    assert code_of(house, "POST", "/roster") == "unavailable"
    assert code_of(house, "GET", "/roster") == ""


def answered_before_the_body(house: House, path: str) -> str:
    """The code of the answer to a request of which only the head is sent."""
    head = f"POST {API}{path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 8000\r\n\r\n"
    with socket.create_connection(("127.0.0.1", house.port), timeout=30) as line:
        line.sendall(head.encode())
        answer = b""
        while not answer.endswith(b"}"):
            came = line.recv(65536)
            assert came
            answer += came
    return str(json.loads(answer.partition(b"\r\n\r\n")[2])["code"])


@pytest.mark.parametrize("path", ["/session", "/session/parameters", "/session/recovery"])
def test_nobody_signs_in_before_the_set_up_and_no_body_is_read(building: Callable[..., House], path: str) -> None:
    house = building(practice=Practice())
    assert answered_before_the_body(house, path) == "setup_open"


@pytest.mark.parametrize("path", ["/session/recovery", "/setup", "/roster", "/dossiers"])
def test_no_body_is_read_while_nothing_may_be_written(frozen: House, path: str) -> None:
    assert answered_before_the_body(frozen, path) == "restored"
