"""Where the proxy carries, the gateway decides alike and says where; to anybody else it gives the bytes itself."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from ipaddress import ip_network
from typing import Any

import httpx
import pytest

from gateway.http.forwarded import ForwardedFor
from tests.actors import Deposited, Link
from tests.gateway.house import House, Switch
from vault.flows.shares import sharing
from vault.records.encoding import new_id
from vault.records.types.document import SEGMENT_SIZE

PROXY = {"Dossier-Carries": "segments"}
BY_SEGMENT = {**PROXY, "Prefer": "segment"}
STORE = "http://objects:7070/dossiers"
SIZE = 2 * SEGMENT_SIZE + 5000


@pytest.fixture
def house(house: House, served: tuple[Switch, int]) -> Iterator[House]:
    """Behind a trusted proxy that carries: the loopback."""
    house.ports.objects.place = STORE  # type: ignore[attr-defined]
    trust(house, served[0], "127.0.0.0/8")
    return house


def trust(house: House, switch: Switch, network: str, *, carries: bool = True) -> None:
    switch.app = ForwardedFor(house.app, trusted=[ip_network(network)], carries=carries)


@pytest.fixture
def dossier(house: House) -> str:
    return house.practice.open_dossier()


@pytest.fixture
def document(house: House, dossier: str) -> Deposited:
    return house.practice.deposit(dossier, secrets.token_bytes(SIZE))


@pytest.fixture
def link(house: House, dossier: str, document: Deposited) -> Link:
    return house.practice.share(dossier, [document], max=1)


def member(house: House, document: Deposited, range_: str | None, **headers: str) -> httpx.Response:
    ranged = {} if range_ is None else {"Range": f"bytes={range_}"}
    return house.member("GET", f"/documents/{document.id}/body", headers={**ranged, **headers})


def names(answer: httpx.Response) -> set[str]:
    return {name for name in answer.headers if name.startswith("dossier-carry")}


@pytest.mark.parametrize(
    ("asked", "given", "of_segment", "number"),
    [
        ("0-", (0, SEGMENT_SIZE - 1), (0, SEGMENT_SIZE - 1), 0),
        ("5-9", (5, 9), (5, 9), 0),
        (f"7-{SIZE - 1}", (7, SEGMENT_SIZE - 1), (7, SEGMENT_SIZE - 1), 0),
        (f"{SEGMENT_SIZE + 3}-{SIZE + 9}", (SEGMENT_SIZE + 3, 2 * SEGMENT_SIZE - 1), (3, SEGMENT_SIZE - 1), 1),
        (f"{2 * SEGMENT_SIZE}-", (2 * SEGMENT_SIZE, SIZE - 1), (0, 4999), 2),
    ],
)
def test_a_range_is_carried_as_far_as_its_first_segment(
    house: House, dossier: str, document: Deposited, asked: str, given: Any, of_segment: Any, number: int
) -> None:
    answer = member(house, document, asked, **BY_SEGMENT)
    assert (answer.status_code, answer.content) == (206, b"")
    assert answer.headers["Content-Range"] == "bytes {}-{}/{}".format(*given, SIZE)
    assert answer.headers["Dossier-Carry"] == f"/dossiers/{dossier}/{document.id}/{number:05}"
    assert answer.headers["Dossier-Carry-Host"] == "objects:7070"
    assert answer.headers["Dossier-Carry-Range"] == "bytes={}-{}".format(*of_segment)
    assert answer.headers["Dossier-Carry-Credential"] == "key/scope"
    assert answer.headers["Dossier-Carry-Signature"] == "5e"
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("range_", "headers"),
    [
        (None, BY_SEGMENT),
        ("0-9,20-29", BY_SEGMENT),
        ("0-99", PROXY),
        ("0-99", {**PROXY, "Prefer": "wait=5"}),
        ("0-99", {"Prefer": "segment"}),
        ("0-99", {**BY_SEGMENT, "If-Range": '"another"'}),
    ],
    ids=["no range", "several ranges", "not by segment", "another wish", "not by the proxy", "changed"],
)
def test_what_is_not_asked_for_by_segment_is_given_as_it_was_asked_for(
    house: House, document: Deposited, range_: str | None, headers: dict[str, str]
) -> None:
    plain = {name: value for name, value in headers.items() if name not in {"Dossier-Carries", "Prefer"}}
    answer, other = member(house, document, range_, **headers), member(house, document, range_, **plain)
    assert not names(answer)
    assert answer.content
    assert (answer.status_code, answer.content) == (other.status_code, other.content)


def test_a_range_of_the_end_that_lies_within_a_segment_is_carried(house: House, document: Deposited) -> None:
    answer = member(house, document, "-1000", **BY_SEGMENT)
    assert answer.headers["Dossier-Carry-Range"] == "bytes=4000-4999"


def test_a_range_beyond_the_end_is_refused(house: House, document: Deposited) -> None:
    assert member(house, document, f"{SIZE}-", **BY_SEGMENT).status_code == 416


@pytest.mark.parametrize(("network", "carries"), [("192.0.2.0/24", True), ("127.0.0.0/8", False)])
def test_who_is_not_the_trusted_proxy_is_told_nothing(
    house: House, served: tuple[Switch, int], document: Deposited, network: str, carries: bool
) -> None:
    trust(house, served[0], network, carries=carries)
    answer = member(house, document, "0-99", **BY_SEGMENT)
    assert not names(answer)
    assert answer.content == document.body[:100]


def test_a_store_that_has_no_addresses_is_read_here(house: House, document: Deposited) -> None:
    house.ports.objects.place = None  # type: ignore[attr-defined]
    answer = member(house, document, f"3-{SIZE}", **BY_SEGMENT)
    assert not names(answer)
    assert answer.content == document.body[3:SEGMENT_SIZE]


def test_a_request_with_a_body_is_not_carried(house: House, document: Deposited) -> None:
    path, headers = f"/documents/{document.id}/body", {"Range": "bytes=0-9", **BY_SEGMENT}
    answer = house.ask("GET", path, headers={**house.session(), **headers}, content=b"GET / HTTP/1.1")
    assert not names(answer)


def test_a_pick_up_is_judged_counted_and_recorded_as_ever(house: House, link: Link, document: Deposited) -> None:
    name = new_id()
    path = f"/{name}/{document.id}/body"

    def get(start: int) -> httpx.Response:
        return house.link(link, "GET", path, headers={**BY_SEGMENT, "Range": f"bytes={start}-"})

    assert get(0).status_code == 404
    house.link(link, "PUT", f"/{name}")
    assert house.link(link, "PUT", f"/{new_id()}").status_code == 404
    assert names(get(0))
    (pickup,) = house.member("GET", f"/shares/{link.id}").json()["pickups"]
    assert pickup["finished_at"] is None
    assert names(get(2 * SEGMENT_SIZE))
    (pickup,) = house.member("GET", f"/shares/{link.id}").json()["pickups"]
    assert pickup["finished_at"] is not None
    sharing.revoke(house.ports, house.practice.director.caller, link.id, house.clock[0])
    after = get(SEGMENT_SIZE)
    assert (after.status_code, after.json()["code"]) == (404, "link_unavailable")
    assert not names(after)


def test_a_withdrawal_between_judging_and_addressing_ends_it(
    house: House, link: Link, document: Deposited, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = new_id()
    house.link(link, "PUT", f"/{name}")
    objects = type(house.ports.objects)
    real = objects.address

    def withdrawn(self: Any, of: str) -> str | None:
        sharing.revoke(house.ports, house.practice.director.caller, link.id, house.clock[0])
        return real(self, of)

    monkeypatch.setattr(objects, "address", withdrawn)
    headers = {**BY_SEGMENT, "Range": "bytes=0-"}
    answer = house.link(link, "GET", f"/{name}/{document.id}/body", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (404, "link_unavailable")
    assert not names(answer)
