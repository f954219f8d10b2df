"""Links over HTTP: every refusal is the same answer, and nothing is counted that was not picked up."""

from __future__ import annotations

import secrets
import threading
from typing import Any

import httpx
import pytest

from tests.actors import Deposited, Link
from tests.gateway.house import API, House, proofs
from vault.flows.shares import sharing
from vault.records.encoding import new_id, to_base64url
from vault.records.types.document import SEGMENT_SIZE


@pytest.fixture
def dossier(house: House) -> str:
    return house.practice.open_dossier()


@pytest.fixture
def document(house: House, dossier: str) -> Deposited:
    return house.practice.deposit(dossier, secrets.token_bytes(SEGMENT_SIZE + 5000))


@pytest.fixture
def link(house: House, dossier: str, document: Deposited) -> Link:
    return house.practice.share(dossier, [document])


def share_body(link: Link) -> dict[str, Any]:
    new = link.new
    return {
        "share": new.envelope.to_json(),
        "text": to_base64url(new.text),
        "cover": to_base64url(new.cover),
        "entries": [
            {"document": e.document, "entry": to_base64url(e.entry), "capsule": to_base64url(e.capsule)}
            for e in new.entries
        ],
        "index": new.index.to_json(),
    }


def test_a_share_is_made_seen_and_ended(house: House, dossier: str, document: Deposited) -> None:
    link = house.practice.new_share(dossier, [document])
    answer = house.member("POST", f"/dossiers/{dossier}/shares", json=share_body(link))
    assert (answer.status_code, answer.json()) == (
        201,
        {"share": link.id, "expires_at": link.envelope.fields["expires_at"], "index": link.new.index.hash},
    )
    assert house.member("POST", f"/dossiers/{dossier}/shares", json=share_body(link)).status_code == 200
    house.link(link, "PUT", f"/{new_id()}")
    seen = house.member("GET", f"/shares/{link.id}").json()
    assert (seen["state"], seen["used"], len(seen["pickups"])) == ("open", 1, 1)
    assert seen["record"] == link.envelope.to_json()
    assert house.member("GET", f"/dossiers/{dossier}/shares").json() == {"items": [seen], "next": None}
    for _ in range(2):
        assert house.member("DELETE", f"/shares/{link.id}").status_code == 204
    assert house.member("GET", f"/shares/{link.id}").json()["state"] == "revoked"
    assert house.link(link, "POST", "/cover").status_code == 404


def test_a_disclosure_needs_a_consent(house: House, dossier: str, document: Deposited) -> None:
    link = house.practice.new_share(dossier, [document], kind="disclosure")
    answer = house.member("POST", f"/dossiers/{dossier}/shares", json=share_body(link))
    assert (answer.status_code, answer.json()["code"]) == (403, "consent_required")


def test_a_look_spends_nothing(house: House, link: Link, document: Deposited) -> None:
    mode = house.ask("POST", f"/pickup/{link.id}/cover", headers={"Authorization": proofs(link, only=True)})
    assert mode.json() == {"mode": "plain"}
    for json in (None, {}):
        look = house.link(link, "POST", "/cover", json=json).json()
        assert look["cover"] == to_base64url(b"encrypted cover")
        assert [entry["document"] for entry in look["entries"]] == [document.id]
        assert look["left"] == 3


def test_a_pick_up_counts_once_and_resumes(house: House, link: Link, document: Deposited) -> None:
    name = new_id()
    first = house.link(link, "PUT", f"/{name}")
    assert first.status_code == 200
    assert first.json()["capsules"][0]["document"] == document.id
    again = house.link(link, "PUT", f"/{name}", json={})
    assert again.json()["capsules"] == first.json()["capsules"]
    assert house.member("GET", f"/shares/{link.id}").json()["used"] == 1
    path = f"/{name}/{document.id}/body"
    assert house.link(link, "GET", path).content == document.body
    part = house.link(link, "GET", path, headers={"Range": f"bytes={SEGMENT_SIZE}-"})
    assert (part.status_code, part.content) == (206, document.body[SEGMENT_SIZE:])
    beyond = house.link(link, "GET", path, headers={"Range": "bytes=99999999-"})
    assert beyond.status_code == 416
    assert house.member("GET", f"/shares/{link.id}").json()["pickups"][0]["finished_at"] is not None


def test_the_last_pick_up_goes_on_although_the_link_is_used_up(house: House, dossier: str, document: Deposited) -> None:
    link, name = house.practice.share(dossier, [document], max=1), new_id()
    assert house.link(link, "PUT", f"/{name}").status_code == 200
    assert house.link(link, "PUT", f"/{name}").status_code == 200
    assert house.link(link, "PUT", f"/{new_id()}").status_code == 404
    assert house.link(link, "POST", "/cover").status_code == 404
    assert house.link(link, "POST", "/cover", json={"name": name}).status_code == 200
    assert house.link(link, "POST", "/cover", json={"name": new_id()}).status_code == 404
    house.later(days=15)
    assert house.link(link, "GET", f"/{name}/{document.id}/body").status_code == 404


def refusals(house: House, dossier: str, document: Deposited) -> dict[str, tuple[Link, str]]:
    practice = house.practice
    spent = practice.share(dossier, [document], max=1)
    assert house.link(spent, "PUT", f"/{new_id()}").status_code == 200
    revoked = practice.share(dossier, [document])
    sharing.revoke(house.ports, practice.director.caller, revoked.id, practice.now)
    shredded = practice.share(dossier, [document])
    house.ports.keystore.shred([sharing.subject_of(shredded.id)])
    expired = practice.share(dossier, [document])
    house.later(days=14)
    live = practice
    live.now = house.clock[0]
    good = practice.share(dossier, [document])
    unknown = Link(new_id(), good.possess, good.open, good.envelope, good.new)
    token = to_base64url(good.possess)
    return {
        "used up": (spent, proofs(spent)),
        "revoked": (revoked, proofs(revoked)),
        "shredded": (shredded, proofs(shredded)),
        "expired": (expired, proofs(expired)),
        "unknown": (unknown, proofs(unknown)),
        "no id": (Link("no-id", good.possess, good.open, good.envelope, good.new), proofs(good)),
        "upper case": (Link(good.id.upper(), good.possess, good.open, good.envelope, good.new), proofs(good)),
        "wrong possess": (good, proofs(good, possess=b"x" * 32)),
        "wrong open of a plain link": (good, proofs(good, open_=b"x" * 32)),
        "no proof": (good, ""),
        "a session": (good, "Dossier-Session " + "a" * 43),
        "one character short": (good, f'Dossier-Link possess="{token[:-1]}", open="{token}"'),
        "not canonical": (good, f'Dossier-Link possess="{token[:-1]}_", open="{token}"'),
        "twice": (good, f'Dossier-Link possess="{token}", possess="{token}"'),
        "only open": (good, f'Dossier-Link open="{token}"'),
        "something more": (good, f'Dossier-Link possess="{token}", close="{token}"'),
        "unquoted": (good, f"Dossier-Link possess={token}"),
    }


def test_every_refusal_of_a_link_is_the_same_answer_byte_for_byte(
    house: House, dossier: str, document: Deposited
) -> None:
    answers: dict[str, tuple[Any, ...]] = {}
    for why, (link, authorization) in refusals(house, dossier, document).items():
        for method, path in (
            ("POST", "/cover"),
            ("PUT", f"/{new_id()}"),
            ("PUT", "/no-name"),
            ("GET", f"/{new_id()}/{document.id}/body"),
            ("GET", f"/{new_id()}/no-id/body"),
            ("GET", f"/{new_id()}/{document.id}/nothing"),
        ):
            answer = house.ask(method, f"/pickup/{link.id}{path}", headers={"Authorization": authorization})
            headers = [(k, v) for k, v in answer.headers.raw if k.lower() != b"date"]
            answers[f"{why}: {method} {path}"] = (answer.status_code, headers, answer.content)
    assert len({repr(answer) for answer in answers.values()}) == 1
    status, headers, content = next(iter(answers.values()))
    assert status == 404
    assert b'"code":"link_unavailable"' in content
    assert (b"content-length", str(len(content)).encode()) in headers


def test_a_malformed_look_is_refused_like_any_other(house: House, link: Link) -> None:
    uniform = house.ask("POST", f"/pickup/{new_id()}/cover").content
    for raw in (b"[]", b"{", b'{"name":1}', b'{"name":"x"}', b'{"a":1,"a":2}', b"\xff"):
        assert house.link(link, "POST", "/cover", content=raw).content == uniform
    assert house.link(link, "POST", "/cover", content=b" " * 2000).status_code == 413


def test_a_wrong_passphrase_is_slowed_down_and_never_locks_out(house: House, dossier: str, document: Deposited) -> None:
    link = house.practice.share(dossier, [document], mode="passphrase")
    wrong = {"Authorization": proofs(link, open_=b"x" * 32)}
    for _ in range(5):
        answer = house.ask("POST", f"/pickup/{link.id}/cover", headers=wrong)
        assert (answer.status_code, answer.json()["code"]) == (403, "passphrase_wrong")
    sixth = house.ask("POST", f"/pickup/{link.id}/cover", headers=wrong)
    assert (sixth.status_code, sixth.json()["code"], sixth.headers["retry-after"]) == (429, "too_many", "60")
    assert house.link(link, "POST", "/cover").status_code == 429
    stranger = house.ask("POST", f"/pickup/{link.id}/cover", headers={"Authorization": proofs(link, possess=b"y" * 32)})
    assert stranger.json()["code"] == "link_unavailable"
    house.later(seconds=61)
    assert house.ask("POST", f"/pickup/{link.id}/cover", headers=wrong).status_code == 403
    assert house.link(link, "POST", "/cover").headers["retry-after"] == "120"
    house.later(seconds=121)
    assert house.link(link, "POST", "/cover").status_code == 200


def test_revoking_ends_a_pick_up_at_the_next_request(house: House, link: Link, document: Deposited) -> None:
    name = new_id()
    house.link(link, "PUT", f"/{name}")
    house.member("DELETE", f"/shares/{link.id}")
    assert house.link(link, "GET", f"/{name}/{document.id}/body").json()["code"] == "link_unavailable"
    assert house.link(link, "PUT", f"/{name}").status_code == 404


def test_revoking_ends_a_download_under_way_at_the_next_segment(house: House, dossier: str) -> None:
    document = house.practice.deposit(dossier, secrets.token_bytes(6 * SEGMENT_SIZE))
    link, name = house.practice.share(dossier, [document]), new_id()
    house.link(link, "PUT", f"/{name}")
    path, received = f"{API}/pickup/{link.id}/{name}/{document.id}/body", 0
    with house.http.stream("GET", path, headers={"Authorization": proofs(link)}) as answer:
        pieces = answer.iter_raw(65_536)
        received += len(next(pieces))
        house.member("DELETE", f"/shares/{link.id}")
        with pytest.raises(httpx.RemoteProtocolError):
            received += sum(len(piece) for piece in pieces)
    assert received < len(document.body)


def test_of_many_parallel_pick_ups_of_a_last_copy_one_succeeds(house: House, dossier: str, document: Deposited) -> None:
    link, statuses = house.practice.share(dossier, [document], max=1), []
    start = threading.Barrier(16)

    def pick_up() -> None:
        with httpx.Client(base_url=house.http.base_url, timeout=30, verify=False) as client:
            start.wait()
            answer = client.put(f"{API}/pickup/{link.id}/{new_id()}", headers={"Authorization": proofs(link)})
            statuses.append(answer.status_code)

    threads = [threading.Thread(target=pick_up) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200, *[404] * 15]
