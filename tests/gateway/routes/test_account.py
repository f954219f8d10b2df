"""A member's account over HTTP: devices, codes, and what a director gives back."""

from __future__ import annotations

from typing import Any

from tests.actors import Person
from tests.gateway.house import House
from tests.gateway.routes.test_people import B64, PARAMETERS, sign_in_body
from vault.flows.people import members

CODES = [letter * 23 + "a" for letter in "234567abcd"]


def begin(house: House, person: Person | None = None, **more: Any) -> tuple[dict[str, str], Any]:
    answer = house.ask("POST", "/session", json=sign_in_body(house, person, **more))
    assert answer.status_code == 201, answer.text
    return {"Authorization": f"Dossier-Session {answer.json()['token']}"}, answer.json()


def proof(house: House, person: Person | None = None) -> dict[str, str]:
    person = person or house.practice.director
    return {"login": B64(person.login), "code": person.code(house.later(seconds=30))}


def new_password(login: bytes = b"n" * 32) -> dict[str, Any]:
    return {"lock": B64(b"lock"), "parameters": PARAMETERS, "login": B64(login)}


def enrolled(house: House, name: str = "Carla") -> Person:
    """A coach who can sign in."""
    coach = house.practice.appoint(name)
    sealed = members.seal_member(house.ports, coach.details(), coach.credentials(), house.clock[0])
    with house.ports.store.transaction() as tx:
        tx.update_member(sealed)
    return coach


def test_a_device_is_shown_by_name_place_and_last_use_and_ends_at_once(house: House) -> None:
    auth, _ = begin(house, device="Annas laptop")
    other, said = begin(house, device="telefoon")
    shown = house.ask("GET", "/account", headers=auth).json()
    assert (shown["codes"], shown["password_at"] == shown["factor_at"]) == (0, True)
    assert [(each["name"], each["this"]) for each in shown["devices"]] == [("Annas laptop", True), ("telefoon", False)]
    assert {each["place"] for each in shown["devices"]} == {"127.0.0.0/24"}
    ended = {"device": shown["devices"][1]["id"], "login": B64(house.practice.director.login)}
    wrong = house.ask("POST", "/account/devices/end", json={**ended, "login": B64(b"x" * 32)}, headers=auth)
    assert (wrong.status_code, wrong.json()["code"]) == (403, "credentials_wrong")
    for _ in range(2):
        assert house.ask("POST", "/account/devices/end", json=ended, headers=auth).status_code == 204
    assert house.ask("GET", "/account", headers=other).json()["code"] == "sign_in"
    assert len(said["known_device"]) == 64
    everything = {"device": None, "login": ended["login"]}
    assert house.ask("POST", "/account/devices/end", json=everything, headers=auth).status_code == 204
    assert house.ask("GET", "/account", headers=auth).status_code == 401


def test_a_devices_name_is_one_line(house: House) -> None:
    for name in ("two\nlines", "\u2028", "x" * 101):
        answer = house.ask("POST", "/session", json=sign_in_body(house, device=name))
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


def test_a_recovery_code_signs_in_once(house: House) -> None:
    auth, first = begin(house)
    assert first["codes_left"] is None
    change = {"codes": CODES, "proof": proof(house)}
    assert house.ask("PUT", "/session/keyring", json=change, headers=auth).status_code == 204
    assert begin(house, code=CODES[0])[1]["codes_left"] == 9
    again = house.ask("POST", "/session", json=sign_in_body(house, code=CODES[0]))
    assert (again.status_code, again.json()["code"]) == (403, "code_wrong")
    assert house.ask("GET", "/account", headers=auth).json()["codes"] == 9
    told = house.ask("GET", "/account/audit", headers=auth).json()["items"]
    assert [each["event"] for each in told] == ["codes_changed", "recovery_code_used"]


def test_a_director_gives_back_what_a_change_replaced(house: House) -> None:
    coach = enrolled(house)
    auth, _ = begin(house, coach)
    change = {**new_password(), "proof": proof(house, coach)}
    assert house.ask("PUT", "/session/keyring", json=change, headers=auth).status_code == 204
    refused = house.ask("POST", "/session", json=sign_in_body(house, coach))
    assert refused.json()["code"] == "credentials_wrong"
    assert house.ask("GET", f"/members/{coach.id}/former", headers=auth).json()["code"] == "not_allowed"
    director, _ = begin(house)
    [former] = house.ask("GET", f"/members/{coach.id}/former", headers=director).json()["items"]
    given = {"at": former["at"], "proof": proof(house)}
    assert house.ask("POST", f"/members/{coach.id}/former", json=given, headers=director).status_code == 204
    assert house.ask("GET", "/account", headers=auth).status_code == 401
    assert begin(house, coach)[1]["member"] == coach.id
    events = house.ask("GET", f"/dossiers/{coach.id}/audit", headers=director).json()["items"]
    assert [(each["event"], each["actor"]) for each in events] == [
        ("password_changed", coach.id),
        ("credentials_given_back", house.practice.director.id),
    ]
