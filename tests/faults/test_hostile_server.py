"""A gateway that lies: whatever it changes, the commands end with seven and nothing is saved.

Only a link to a whole dossier is made without the documents that do not verify: it names them, and the command ends
with three.
"""

from __future__ import annotations

import base64
import dataclasses
import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from nacl.signing import SigningKey

from tests.answering_server import Answer, Request
from tests.faults.house import EMAIL, SEGMENT, Ended, House, b64, noise, tree
from tests.faults.proxy import Proxy, through
from vault.records.encoding import new_id
from vault.records.envelope import write

pytestmark = pytest.mark.slow
Tamper = Callable[[Any], Any]
SMALL, LARGE = "brief.txt", "scan.bin"


@pytest.fixture(scope="module")
def filled(house: House) -> str:
    dossier = house.open("een vijandige server")
    paths = [
        house.write(f"vijandig/{SMALL}", b"the letter"),
        house.write(f"vijandig/{LARGE}", noise(SEGMENT * 3, "scan")),
    ]
    house.does("put", dossier, *map(str, paths))
    return dossier


@pytest.fixture
def link(house: House, filled: str) -> str:
    return house.does("share", filled, "--max", "1")["link"]


def refused(ended: Ended, out: Path) -> None:
    assert ended.code == 7, ended
    assert ended.out == ""
    assert ended.error["message"]
    assert ended.error["advice"]
    assert [name for name in tree(out) if not name.startswith(".dossier-")] == []


def lie_of_bodies(proxy: Proxy, tamper: Tamper, *, ranges: bool) -> None:
    """Another body than the signed one, in the ranges that are asked for, or whole whatever is asked for."""

    def before(request: Request) -> Answer | None:
        if "/body" not in request.path:
            return None
        headers = {name: value for name, value in request.headers.items() if name != "Range"}
        answer = proxy.forward(replace(request, headers=headers))
        if len(answer.body) < 2 * SEGMENT:
            return answer
        body, headers = tamper(answer.body), {n: value for n, value in answer.headers.items() if n != "Content-Range"}
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", request.headers.get("Range", ""))
        if not (ranges and asked):
            return Answer(200, body, headers)
        start, stop = int(asked[1]), min(len(body), int(asked[2] or len(body)) + 1)
        headers["Content-Range"] = f"bytes {start}-{stop - 1}/{len(body)}"
        return Answer(206, body[start:stop], headers)

    proxy.before = before


BODIES: dict[str, Tamper] = {
    "truncated": lambda body: body[:-1],
    "truncated by a segment": lambda body: body[:-SEGMENT],
    "extended": lambda body: body + b"\0",
    "extended by a segment": lambda body: body + body[:SEGMENT],
    "reordered": lambda body: body[SEGMENT : 2 * SEGMENT] + body[:SEGMENT] + body[2 * SEGMENT :],
    "first bit flipped": lambda body: bytes([body[0] ^ 1]) + body[1:],
    "a bit in the middle flipped": lambda body: body[:SEGMENT] + bytes([body[SEGMENT] ^ 128]) + body[SEGMENT + 1 :],
    "last bit flipped": lambda body: body[:-1] + bytes([body[-1] ^ 1]),
    "other bytes": lambda body: noise(len(body), "other"),
}


@pytest.mark.parametrize("ranges", [True, False], ids=["in ranges", "whole"])
@pytest.mark.parametrize("what", BODIES)
def test_a_tampered_body_saves_nothing(
    house: House, filled: str, link: str, proxy: Proxy, out: Path, what: str, ranges: bool
) -> None:
    lie_of_bodies(proxy, BODIES[what], ranges=ranges)
    refused(house.run("cat", filled, LARGE, "--out", str(out / "file"), **through(proxy)), out)
    refused(house.run("get", link.replace(house.gateway.url, proxy.url), "--out", str(out)), out)


@pytest.mark.parametrize("name", [SMALL, LARGE])
def test_a_body_cut_again_and_again_saves_nothing(
    house: House, filled: str, proxy: Proxy, out: Path, name: str
) -> None:
    """Whoever cuts a connection is a bad line or a bad server: nothing is saved, and one may try again."""

    def after(request: Request, answer: Answer) -> Answer:
        return Answer(answer.status, b"", answer.headers, said=len(answer.body)) if "/body" in request.path else answer

    proxy.after = after
    ended = house.run("cat", filled, name, "--out", str(out / "file"), **through(proxy))
    assert ended.code == 5
    assert tree(out) == {}


def lists(request: Request) -> bool:
    """Whether documents are listed by the answer: by themselves, or with the dossier (decision 19)."""
    return request.method == "GET" and bool(re.search(r"/dossiers/\w+/(contents|documents)(\?|$)", request.path))


def listed(proxy: Proxy, tamper: Callable[[list[dict[str, Any]]], None]) -> Callable[[Request, Answer], Answer]:
    """Changes every list of documents, of which the larger one comes first, and that one where it comes alone."""

    def after(request: Request, answer: Answer) -> Answer:
        if lists(request):
            value = answer.json
            tamper(by_size(value))
            return answer.saying(value)
        if not alone(request):
            return answer
        folder, _, document = request.path.rpartition("/")
        items = by_size(proxy.forward(dataclasses.replace(request, path=folder)).json)
        if record_of(items[0])["document"] != document:
            return answer
        tamper(items)
        return answer.saying({**answer.json, "document": items[0]})

    return after


def by_size(value: dict[str, Any]) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = value.get("documents", value)["items"]
    items.sort(key=lambda item: -record_of(item)["size"])
    return items


def alone(request: Request) -> bool:
    """Whether the answer holds one document, with the proof that the index lists it (decision 28)."""
    return request.method == "GET" and bool(re.search(r"/dossiers/\w+/documents/\w+$", request.path))


def record_of(item: dict[str, Any]) -> dict[str, Any]:
    return json.loads(unbase64(item["record"]["record"]))


def unbase64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def flip(item: dict[str, Any], name: str, position: int) -> None:
    octets = bytearray(unbase64(item[name]))
    octets[position] ^= 1
    item[name] = b64(bytes(octets))


def swap(items: list[dict[str, Any]], *names: str) -> None:
    for name in names:
        items[0][name], items[1][name] = items[1][name], items[0][name]


def forged(item: dict[str, Any], **changed: Any) -> None:
    """The record again with other fields, signed by a key that nobody vouches for."""
    record = {**record_of(item), **changed}
    kept = {name: value for name, value in record.items() if name not in {"v", "type", "practice", "signer"}}
    key = SigningKey(bytes(32))
    made = write("document", kept, practice=record["practice"], signer=record["signer"], key=key)
    item["record"] = made.to_json()


def unsigned(item: dict[str, Any]) -> None:
    item["record"]["signatures"] = []


def twice(item: dict[str, Any]) -> None:
    item["record"]["signatures"] *= 2


def doubled(item: dict[str, Any]) -> None:
    raw = unbase64(item["record"]["record"])
    item["record"]["record"] = b64(raw[:-1] + b',"size":1}')


LISTS: dict[str, Callable[[list[dict[str, Any]]], None]] = {
    "head: first bit": lambda items: flip(items[0], "head", 0),
    "head: stanza": lambda items: flip(items[0], "head", 60),
    "head: nonce": lambda items: flip(items[0], "head", -1),
    "head of another document": lambda items: swap(items, "head"),
    "head cut": lambda items: items[0].update(head=items[0]["head"][:-4]),
    "metadata of another document": lambda items: swap(items, "metadata"),
    "metadata: a bit": lambda items: flip(items[0], "metadata", 40),
    "record signed by nobody": lambda items: unsigned(items[0]),
    "record signed twice": lambda items: twice(items[0]),
    "record with a duplicate key": lambda items: doubled(items[0]),
    "record of a stranger's key": lambda items: forged(items[0]),
    "record of a stranger": lambda items: forged(items[0], signer=new_id()),
    "everything of another document": lambda items: swap(items, "record", "head", "metadata"),
}
BOTH = {name for name in LISTS if "of another document" in name}
"""By these neither document is what it should be; by the others the smaller one is whole, and a link may have it."""


@pytest.mark.parametrize("what", LISTS)
def test_a_tampered_document_is_not_read_nor_shared(
    house: House, filled: str, proxy: Proxy, out: Path, what: str
) -> None:
    proxy.after = listed(proxy, LISTS[what])
    refused(house.run("cat", filled, LARGE, "--out", str(out / "file"), **through(proxy)), out)
    before = house.shares(filled)
    named = house.run("share", filled, LARGE, **through(proxy))
    assert (named.code, named.out) == (7, ""), named
    whole = house.run("share", filled, **through(proxy))
    if what in BOTH:
        assert (whole.code, whole.out) == (7, ""), whole
        assert house.shares(filled) == before
        return
    assert whole.code == 3, whole
    large = next(one["id"] for one in house.documents(filled) if one["name"] == LARGE)
    assert [one["id"] for one in whole.json["left_out"]] == [large]
    assert large in whole.err
    assert len(house.shares(filled)) == len(before) + 1
    house.does("get", whole.json["link"], "--out", str(out))
    assert list(tree(out).values()) == [b"the letter"]


LINKS: dict[str, Tamper] = {
    "entries swapped": lambda value: _swapped(value, "entries", "entry"),
    "capsules swapped": lambda value: _swapped(value, "capsules", "capsule"),
    "cover: a bit": lambda value: _flipped(value, "cover"),
    "a capsule left out": lambda value: {**value, "capsules": value["capsules"][1:]} if "capsules" in value else value,
    "an entry twice": lambda value: {**value, "entries": value["entries"][:1] * 2} if "entries" in value else value,
}


def _swapped(value: dict[str, Any], where: str, name: str) -> dict[str, Any]:
    if where in value:
        swap(value[where], name)
    return value


def _flipped(value: dict[str, Any], name: str) -> dict[str, Any]:
    if name in value:
        flip(value, name, 50)
    return value


@pytest.mark.parametrize("what", [name for name in LINKS if name != "an entry twice"])
def test_a_tampered_link_gives_nothing(house: House, link: str, proxy: Proxy, out: Path, what: str) -> None:
    def after(request: Request, answer: Answer) -> Answer:
        return (
            answer.saying(LINKS[what](answer.json))
            if "/pickup/" in request.path and "/body" not in request.path
            else answer
        )

    proxy.after = after
    refused(house.run("get", link.replace(house.gateway.url, proxy.url), "--out", str(out)), out)


def test_an_answer_with_a_duplicate_key_is_none(house: House, filled: str, proxy: Proxy) -> None:
    def after(request: Request, answer: Answer) -> Answer:
        if not lists(request):
            return answer
        name, value = next(iter(answer.json.items()))
        again = json.dumps({name: value}).encode()[:-1] + b"," + answer.body[1:]
        return Answer(answer.status, again, answer.headers)

    proxy.after = after
    assert house.run("ls", filled, **through(proxy)).code == 7


@pytest.mark.parametrize(
    "changed", [{"memory": 1024}, {"passes": 1}, {"memory": 2**22}, {"algorithm": "pbkdf2"}, {"lanes": 0}]
)
def test_weak_or_absurd_parameters_are_refused_before_anything_leaves(
    house: House, proxy: Proxy, changed: dict[str, Any]
) -> None:
    def after(request: Request, answer: Answer) -> Answer:
        return answer.saying({**answer.json, **changed}) if request.path.endswith("/session/parameters") else answer

    proxy.after = after
    ended = house.run("login", "--email", EMAIL, **through(proxy))
    assert ended.code == 7, ended
    assert [request.path for request in proxy.requests] == ["/api/v1/session/parameters"]


def test_a_server_put_back_to_an_older_state_is_noticed(house: House, out: Path) -> None:
    dossier = house.open("teruggezet")
    house.does("put", dossier, str(house.write("terug/1.txt", b"1")))
    data, copy = house.gateway.data, house.folder / "copy"
    house.gateway.tell(stop=True)
    shutil.copytree(data, copy)
    house.gateway.tell(restart=True)
    house.does("put", dossier, str(house.write("terug/2.txt", b"2")))
    later = house.folder / "later"
    house.gateway.tell(stop=True)
    _put_in_place(data, copy, later)
    house.gateway.tell(restart=True)
    try:
        for argv in (("put", dossier, str(house.folder / "terug/2.txt")), ("share", dossier)):
            ended = house.run(*argv)
            assert (ended.code, ended.error["code"]) == (7, "rolled_back"), ended
        refused(house.run("cat", dossier, "1.txt", "--out", str(out / "1.txt")), out)
    finally:
        house.gateway.tell(stop=True)
        _put_in_place(data, later, copy)
        house.gateway.tell(restart=True)
    house.does("put", dossier, str(house.folder / "terug/2.txt"))


def _put_in_place(data: Path, wanted: Path, aside: Path) -> None:
    """The databases and objects of `wanted`; what stood there goes aside. The lock stays where it is held."""
    aside.mkdir(exist_ok=True)
    for name in ("records.db", "records.db-wal", "records.db-shm", "keystore.db", "objects", "keys"):
        if (data / name).exists():
            (data / name).rename(aside / name)
        if (wanted / name).exists():
            (wanted / name).rename(data / name)
