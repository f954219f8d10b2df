"""Erasures over HTTP: asked for, followed, taken back, certified; afterwards everything is quietly not there."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest

from tests.actors import Person
from tests.gateway.house import House, content_digest, form, parts_of
from tests.records import samples
from vault.flows.erasures import erasing, requesting, retention
from vault.records.encoding import format_instant, new_id
from vault.records.envelope import Envelope, from_json
from vault.records.types.certificate import Certificate
from vault.records.types.erasure import LIFE, ErasureRequest
from vault.rules.rights import check_installation
from vault.rules.rosters import first
from vault.rules.verdict import Refused


def request_of(
    house: House, dossier: str, documents: tuple[str, ...] = (), person: Person | None = None, **changes: Any
) -> Envelope:
    person = person or house.practice.director
    base = ErasureRequest(
        house.practice.chain.standing,
        dossier,
        new_id(),
        documents,
        "client",
        house.clock[0],
        house.clock[0] + LIFE,
        house.clock[0],
        signer=person.id,
    )
    return house.practice.sign("erasure", dataclasses.replace(base, **changes).content(), person)


def ask(house: House, dossier: str, *args: Any, **changes: Any) -> httpx.Response:
    envelope = request_of(house, dossier, *args, **changes)
    return house.member("POST", f"/dossiers/{dossier}/erasure", json={"erasure": envelope.to_json()})


def take_back(house: House, erasure: str, **changes: Any) -> httpx.Response:
    """A signed withdrawal of what stands under that id, or of what does not stand there."""
    with house.ports.store.reading() as tx:
        row = tx.erasure(erasure)
    assert row is not None
    withdrawal = house.practice.withdrawal(row, **changes)
    return house.member("POST", f"/erasures/{erasure}/withdrawal", json={"withdrawal": withdrawal.to_json()})


def codes(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_what_the_client_asks_begins_at_once_and_is_answered_again(house: House) -> None:
    dossier = house.practice.open_dossier()
    envelope = request_of(house, dossier)
    body = {"erasure": envelope.to_json()}
    answer = house.member("POST", f"/dossiers/{dossier}/erasure", json=body)
    said = {
        "erasure": envelope.fields["erasure"],
        "state": "requested",
        "not_before": format_instant(house.clock[0]),
    }
    assert (answer.status_code, answer.json()) == (201, said)
    again = house.member("POST", f"/dossiers/{dossier}/erasure", json=body)
    assert (again.status_code, again.json()) == (200, said)
    retention.sweep(house.ports, house.clock[0])
    again = house.member("POST", f"/dossiers/{dossier}/erasure", json=body)
    assert (again.status_code, again.json()["state"]) == (200, "certified"), "also after it is gone"


def test_what_staff_asks_waits_for_the_practices_delay_and_can_be_taken_back(building: Callable[..., House]) -> None:
    house = building(erasure_delay=timedelta(hours=2))
    dossier = house.practice.open_dossier()
    asked = ask(house, dossier, basis="staff").json()
    assert asked["not_before"] == format_instant(house.clock[0] + timedelta(hours=2))
    retention.sweep(house.ports, house.later(hours=1))
    assert take_back(house, asked["erasure"]).status_code == 204
    assert take_back(house, asked["erasure"]).status_code == 204
    retention.sweep(house.ports, house.later(hours=2))
    assert house.member("GET", f"/erasures/{asked['erasure']}").json()["state"] == "withdrawn"
    assert house.member("GET", f"/dossiers/{dossier}").status_code == 200


def test_without_a_setting_staff_waits_a_day(house: House) -> None:
    asked = ask(house, house.practice.open_dossier(), basis="staff").json()
    assert asked["not_before"] == format_instant(house.clock[0] + timedelta(days=1))


def test_what_the_client_asked_and_what_has_begun_is_not_taken_back(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_client, whole, part = (house.practice.open_dossier() for _ in range(3))
    asked = ask(house, by_client).json()["erasure"]
    assert codes(take_back(house, asked)) == (409, "state")
    document = house.practice.deposit(part)
    one, all_ = ask(house, part, (document.id,), basis="staff").json(), ask(house, whole, basis="staff").json()
    with monkeypatch.context() as patch:
        patch.setattr(erasing, "fence", lambda *_: None)
        erasing.sweep(house.ports, house.later(days=1))
    assert house.member("GET", f"/erasures/{one['erasure']}").json()["state"] == "requested", "but shut off"
    assert codes(take_back(house, one["erasure"])) == (409, "state")
    assert codes(take_back(house, all_["erasure"])) == (404, "not_found"), "nobody holds it"
    body = {"withdrawal": samples.erasure_withdrawal().to_json()}
    for unknown in (new_id(), "no-id"):
        assert house.member("POST", f"/erasures/{unknown}/withdrawal", json=body).status_code == 404


def test_a_withdrawal_says_what_it_takes_back_and_is_signed_by_who_sends_it(house: House) -> None:
    coach = house.practice.appoint("Carla")
    dossier = house.practice.open_dossier(coach)
    document = house.practice.deposit(dossier)
    asked = ask(house, dossier, (document.id,), basis="staff").json()["erasure"]
    for wrong in ({"id": new_id()}, {"request": "00" * 32}):
        assert codes(take_back(house, asked, **wrong)) == (422, "record_invalid")
    assert codes(take_back(house, asked, dossier=new_id())) == (403, "signature_invalid")
    assert codes(take_back(house, asked, person=coach)) == (403, "not_allowed")
    assert take_back(house, asked).status_code == 204


def test_a_request_that_expires_before_it_begins_is_refused(house: House) -> None:
    dossier, now = house.practice.open_dossier(), house.clock[0]
    early = {"not_before": now - timedelta(days=2), "expires": now - timedelta(days=1)}
    assert codes(ask(house, dossier, **early)) == (422, "record_invalid")
    assert codes(ask(house, dossier, basis="staff", expires=now + timedelta(hours=23))) == (422, "record_invalid")


def test_refusals_are_told_apart(house: House) -> None:
    practice, dossier = house.practice, house.practice.open_dossier()
    coach = practice.appoint("Carla")
    held = practice.open_dossier(coach)
    envelope = request_of(house, dossier)
    path = f"/dossiers/{dossier}/erasure"

    def sent(path: str, envelope: Envelope, **as_: Any) -> tuple[int, str]:
        return codes(house.member("POST", path, json={"erasure": envelope.to_json()}, **as_))

    assert sent(path, envelope, person=coach) == (404, "not_found"), "not hers"
    assert sent(f"/dossiers/{new_id()}/erasure", envelope) == (404, "not_found")
    assert sent(path, request_of(house, held)) == (403, "signature_invalid"), "of another dossier"
    staff = request_of(house, held, person=coach, basis="staff")
    assert sent(f"/dossiers/{held}/erasure", staff, person=coach) == (403, "signature_invalid"), "only a director"
    mine = request_of(house, held)
    assert sent(f"/dossiers/{held}/erasure", mine, person=coach) == (403, "not_allowed"), "signed by another"
    assert sent(path, request_of(house, dossier, (new_id(),))) == (404, "not_found")
    assert ask(house, dossier, id="aa" * 16).status_code == 201
    other = request_of(house, dossier, id="aa" * 16, basis="staff")
    assert sent(path, other) == (409, "conflict")
    assert sent(path, request_of(house, dossier)) == (409, "state"), "it is under way"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 422, "invalid"),
        ({"erasure": 5}, 422, "record_invalid"),
        ({"erasure": {"record": "e30", "signatures": []}}, 422, "record_invalid"),
    ],
)
def test_what_is_no_request_is_refused(house: House, body: object, status: int, code: str) -> None:
    dossier = house.practice.open_dossier()
    assert codes(house.member("POST", f"/dossiers/{dossier}/erasure", json=body)) == (status, code)


def test_a_request_beyond_the_limit_is_refused(house: House) -> None:
    dossier = house.practice.open_dossier()
    answer = house.member("POST", f"/dossiers/{dossier}/erasure", json={"erasure": "x" * 200_000})
    assert codes(answer) == (413, "too_large")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/dossiers/{}/erasure"),
        ("GET", "/erasures/{}"),
        ("POST", "/erasures/{}/withdrawal"),
        ("GET", "/erasures/{}/certificate"),
        ("POST", "/erasures/{}/checks"),
    ],
)
def test_only_who_is_signed_in_asks_and_sees(house: House, method: str, path: str) -> None:
    assert codes(house.ask(method, path.format(new_id()))) == (401, "sign_in")


def test_an_erasure_is_followed_to_its_end(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    dossier = house.practice.open_dossier()
    document = house.practice.deposit(dossier)
    asked = ask(house, dossier, (document.id,)).json()["erasure"]
    expected = {
        "erasure": asked,
        "dossier": dossier,
        "documents": [document.id],
        "reason": "client",
        "state": "requested",
        "requested_at": format_instant(house.clock[0]),
        "not_before": format_instant(house.clock[0]),
        "shredded_at": None,
        "verified_at": None,
    }
    assert house.member("GET", f"/erasures/{asked}").json() == expected
    assert codes(house.member("GET", f"/erasures/{asked}/certificate")) == (404, "not_found")
    with monkeypatch.context() as patch:
        patch.setattr(erasing, "remove", lambda *_: None)
        erasing.sweep(house.ports, house.later(minutes=1))
    at = format_instant(house.clock[0])
    assert house.member("GET", f"/erasures/{asked}").json() == expected | {"state": "shredded", "shredded_at": at}
    erasing.sweep(house.ports, house.later(minutes=1))
    ended = house.member("GET", f"/erasures/{asked}").json()
    assert (ended["state"], ended["shredded_at"], ended["verified_at"]) == (
        "certified",
        at,
        format_instant(house.clock[0]),
    )


def test_a_certificate_verifies_from_the_first_roster_on(house: House) -> None:
    dossier = house.practice.open_dossier()
    house.practice.deposit(dossier)
    asked = ask(house, dossier).json()["erasure"]
    house.practice.appoint("Carla")
    erasing.sweep(house.ports, house.clock[0])
    proof = house.member("GET", f"/erasures/{asked}/certificate").json()
    chain = first(from_json(proof["rosters"][0], "roster"))
    for roster in proof["rosters"][1:]:
        chain = chain.append(from_json(roster, "roster"))
    certificate = from_json(proof["certificate"], "certificate")
    assert check_installation(certificate, chain) == house.ports.installation.public["ledger"]
    said = Certificate.read(certificate)
    assert (said.id, said.dossier, said.kind) == (asked, dossier, "dossier")
    tombstones = [from_json(each, "tombstone") for each in proof["tombstones"]]
    assert [each.hash for each in tombstones] == list(said.tombstones)
    assert all(check_installation(each, chain) for each in tombstones)


def test_a_check_is_kept_once_and_handed_out_with_the_certificate(house: House) -> None:
    asked = ask(house, house.practice.open_dossier()).json()["erasure"]
    erasing.sweep(house.ports, house.clock[0])
    proof = requesting.certificate(house.ports, house.practice.director.caller, asked)
    assert not isinstance(proof, Refused)
    path, early = f"/erasures/{asked}/checks", {"check": house.practice.check_of(proof).to_json()}
    late = {"check": house.practice.check_of(proof, at=house.later(minutes=1)).to_json()}
    answers = [house.member("POST", path, json=body) for body in (early, early, late)]
    assert [(each.status_code, each.json()) for each in answers] == [
        (code, {"checks": [early["check"]]}) for code in (201, 200, 200)
    ]
    assert house.member("GET", f"/erasures/{asked}/certificate").json()["checks"] == [early["check"]]
    other = house.practice.check_of(proof, certificate="00" * 32)
    assert codes(house.member("POST", path, json={"check": other.to_json()})) == (403, "signature_invalid")
    for unknown in (new_id(), "no-id"):
        assert codes(house.member("POST", f"/erasures/{unknown}/checks", json=early)) == (404, "not_found")


def test_afterwards_nothing_of_it_is_there_for_anybody(house: House) -> None:
    practice, dossier = house.practice, house.practice.open_dossier()
    document = practice.deposit(dossier)
    link, name = practice.share(dossier, [document]), new_id()
    assert house.link(link, "PUT", f"/{name}").status_code == 200
    coming = practice.new_document(dossier)
    practice.begin(dossier, coming)
    practice.put(coming)
    old, record = house.session(), form(parts_of(coming)[:3])
    quiet = house.link(dataclasses.replace(link, id=new_id()), "POST", "/cover").content
    ask(house, dossier)
    erasing.sweep(house.ports, house.clock[0])
    for method, path in (
        ("GET", f"/dossiers/{dossier}"),
        ("GET", f"/dossiers/{dossier}/records"),
        ("GET", f"/dossiers/{dossier}/documents"),
        ("GET", f"/dossiers/{dossier}/shares"),
        ("GET", f"/documents/{document.id}"),
        ("GET", f"/documents/{document.id}/body"),
        ("GET", f"/documents/{coming.id}/segments"),
        ("GET", f"/shares/{link.id}"),
        ("DELETE", f"/shares/{link.id}"),
    ):
        assert codes(house.ask(method, path, headers=old)) == (404, "not_found"), path
    put = {"content": coming.segments[0], "headers": {**old, **content_digest(coming.segments[0])}}
    assert codes(house.ask("PUT", f"/documents/{coming.id}/segments/0", **put)) == (404, "not_found")
    complete = {"content": record["content"], "headers": {**old, **record["headers"]}}
    assert codes(house.ask("POST", f"/documents/{coming.id}/complete", **complete)) == (404, "not_found")
    assert house.member("GET", "/dossiers").json()["items"] == []
    assert codes(ask(house, dossier)) == (404, "not_found")
    for method, path in (("POST", "/cover"), ("PUT", f"/{name}"), ("GET", f"/{name}/{document.id}/body")):
        answer = house.link(link, method, path)
        assert (answer.status_code, answer.content) == (404, quiet), path
