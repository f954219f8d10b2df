"""Setting up and signing in over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.actors import TOKEN, Person, Practice
from tests.gateway.house import House
from vault import totp
from vault.flows.people.founding import SetUp
from vault.records.encoding import to_base64url

B64 = to_base64url
PARAMETERS = {"algorithm": "argon2id", "lanes": 1, "memory": 65536, "passes": 3, "salt": B64(b"s" * 16)}


def setup_body(practice: Practice, token: bytes = TOKEN) -> dict[str, Any]:
    request: SetUp = practice.setup_request(token)
    details, credentials = request.details, request.credentials
    return {
        "token": token.decode(),
        "roster": request.roster.to_json(),
        "policy": request.policy.to_json(),
        "member": {
            "id": details.id,
            "name": details.name,
            "email": details.email,
            "recipient": details.recipient,
            "salt": B64(details.salt),
        },
        "parameters": PARAMETERS,
        "login": B64(credentials.login),
        "keyring": B64(credentials.keyring),
        "lock": B64(credentials.lock),
        "recovery": B64(credentials.recovery),
        "recovery_login": B64(request.sheet),
        "totp": B64(credentials.totp),
        "code": request.code,
    }


def sign_in_body(house: House, person: Person | None = None, **changes: Any) -> dict[str, Any]:
    person = person or house.practice.director
    return {
        "email": person.email,
        "login": B64(person.login),
        "code": person.code(house.later(seconds=30)),
        "seen": {"roster": 1, "ledger": 0, "checkpoint": 0},
        **changes,
    }


def test_a_practice_is_set_up_once_and_a_repeat_gets_the_same_answer(building: Callable[..., House]) -> None:
    house = building(practice=Practice(), public_url="https://dossier.example")
    practice = house.practice
    state = house.ask("GET", "/setup").json()
    assert state == {
        "state": "open",
        "installations": {use: B64(key) for use, key in practice.ports.installation.public.items()},
        "public_url": "https://dossier.example",
    }
    body = setup_body(practice)
    wrong = house.ask("POST", "/setup", json={**body, "token": "guess"})
    assert (wrong.status_code, wrong.json()["code"]) == (403, "token_wrong")
    code = "000000" if body["code"] != "000000" else "111111"
    assert house.ask("POST", "/setup", json={**body, "code": code}).json()["code"] == "code_wrong"
    first = house.ask("POST", "/setup", json=body)
    assert first.status_code == 201
    assert first.json() == {"practice": practice.id, "member": practice.director.id}
    roster = {"Dossier-Roster": practice.setup_request().roster.hash}
    again = house.ask("POST", "/setup", json=body, headers=roster)
    assert (again.status_code, again.json()) == (200, first.json())
    other = house.ask("POST", "/setup", json=setup_body(Practice(practice.ports)))
    assert (other.status_code, other.json()["code"]) == (409, "setup_done")
    assert house.ask("GET", "/setup").json()["state"] == "done"


def test_both_factors_give_a_session_that_ends_on_request(house: House) -> None:
    answer = house.ask("POST", "/session", json=sign_in_body(house))
    assert answer.status_code == 201
    assert "set-cookie" not in answer.headers
    auth = {"Authorization": f"Dossier-Session {answer.json()['token']}"}
    keyring = house.ask("GET", "/session/keyring", headers=auth)
    assert keyring.json() == {
        "keyring": B64(b"sealed keyring of Dirk"),
        "lock": B64(b"lock of the password of Dirk"),
        "parameters": PARAMETERS,
    }
    assert house.ask("DELETE", "/session", headers=auth).status_code == 204
    ended = house.ask("GET", "/session/keyring", headers=auth)
    assert (ended.status_code, ended.json()["code"]) == (401, "sign_in")
    assert ended.headers["www-authenticate"] == "Dossier-Session"


def test_a_session_names_the_address_that_links_begin_with(building: Callable[..., House]) -> None:
    house = building(public_url="https://dossier.example/")
    assert house.ask("POST", "/session", json=sign_in_body(house)).json()["public_url"] == "https://dossier.example"
    director = house.practice.director
    sheet = {"email": director.email, "recovery_login": B64(director.recovery_login)}
    assert house.ask("POST", "/session/recovery", json=sheet).json()["public_url"] == "https://dossier.example"


def test_a_wrong_password_tells_nothing_about_the_code(house: House) -> None:
    wrong = {"login": B64(b"x" * 32)}
    right_code = house.ask("POST", "/session", json=sign_in_body(house, **wrong))
    wrong_code = house.ask("POST", "/session", json=sign_in_body(house, **wrong, code="000000"))
    nobody = house.ask("POST", "/session", json=sign_in_body(house, email="nobody@praktijk.example"))
    assert right_code.content == wrong_code.content == nobody.content
    assert right_code.json()["code"] == "credentials_wrong"


def test_a_one_time_code_works_once(house: House) -> None:
    body = sign_in_body(house)
    assert house.ask("POST", "/session", json=body).status_code == 201
    again = house.ask("POST", "/session", json=body)
    assert (again.status_code, again.json()["code"]) == (403, "code_spent")


def test_guessing_is_slowed_down(house: House) -> None:
    for _ in range(5):
        assert house.ask("POST", "/session", json=sign_in_body(house, login=B64(b"x" * 32))).status_code == 403
    answer = house.ask("POST", "/session", json=sign_in_body(house))
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many")
    assert 0 < int(answer.headers["retry-after"]) <= 60


def test_a_device_that_has_seen_more_than_the_server_has_freezes(house: House) -> None:
    answer = house.ask("POST", "/session", json=sign_in_body(house, seen={"roster": 2}))
    assert (answer.status_code, answer.json()["code"]) == (503, "restored")


def test_an_unknown_address_gets_stable_parameters(house: House) -> None:
    known = house.ask("POST", "/session/parameters", json={"email": house.practice.director.email}).json()
    first = house.ask("POST", "/session/parameters", json={"email": "nobody@praktijk.example"}).json()
    second = house.ask("POST", "/session/parameters", json={"email": "NOBODY@praktijk.example"}).json()
    assert known == PARAMETERS
    assert first == second
    assert first.keys() == known.keys()


def test_the_sheet_signs_in_and_a_new_password_ends_other_sessions(house: House) -> None:
    director = house.practice.director
    other = house.session()
    body = {"email": director.email, "recovery_login": B64(director.recovery_login)}
    answer = house.ask("POST", "/session/recovery", json=body)
    assert answer.status_code == 201
    assert answer.json()["recovery"] == B64(b"sealed to the sheet of Dirk")
    auth = {"Authorization": f"Dossier-Session {answer.json()['token']}"}
    new = {"keyring": B64(b"anew"), "lock": B64(b"lock"), "parameters": PARAMETERS, "login": B64(b"l" * 32)}
    confirm = totp.code(b"t" * 20, totp.step_of(house.clock[0]))
    factor = {"totp": B64(b"t" * 20), "confirm": confirm}
    alone = house.ask("PUT", "/session/keyring", json={**new, **factor, "proof": {}}, headers=auth)
    assert (alone.status_code, alone.json()["code"]) == (403, "credentials_wrong")
    proof = {"recovery_login": body["recovery_login"]}
    replaced = house.ask("PUT", "/session/keyring", json={**new, **factor, "proof": proof}, headers=auth)
    assert replaced.status_code == 204
    assert house.ask("GET", "/session/keyring", headers=other).status_code == 401
    assert house.ask("GET", "/session/keyring", headers=auth).json()["keyring"] == B64(b"anew")
    wrong = house.ask("POST", "/session/recovery", json={**body, "recovery_login": B64(b"x" * 32)})
    assert wrong.json()["code"] == "credentials_wrong"


def test_chains_and_members_are_for_members(house: House) -> None:
    coach = house.practice.appoint("Carla")
    rosters = house.member("GET", "/roster").json()
    assert [item["record"] for item in rosters["items"]] == [
        B64(roster_bytes) for roster_bytes in _chain(house, "roster")
    ]
    assert rosters["next"] is None
    assert len(house.member("GET", "/roster?after=1").json()["items"]) == 1
    assert len(house.member("GET", "/policy").json()["items"]) == 1
    found = house.member("GET", f"/members/{coach.id}").json()
    assert (found["name"], found["email"]) == ("Carla", "carla@praktijk.example")
    for path in ("/roster", "/policy", f"/members/{coach.id}"):
        assert house.ask("GET", path).status_code == 401
    assert house.member("GET", "/roster?after=x").json()["code"] == "invalid"


def _chain(house: House, kind: str) -> list[bytes]:
    with house.ports.store.transaction() as tx:
        return [row.record for row in tx.chain(kind)]


def test_a_roster_and_a_policy_are_added_over_http(house: House) -> None:
    practice = house.practice
    coach = Person("Carla", "coach")
    roster = practice.next_roster((*practice.chain.newest.members, coach.card()))
    details = coach.details()
    member = {
        "id": details.id,
        "name": details.name,
        "email": details.email,
        "recipient": details.recipient,
        "salt": B64(details.salt),
    }
    answer = house.member("POST", "/roster", json={"roster": roster.to_json(), "members": [member]})
    assert (answer.status_code, answer.json()) == (201, {"version": 2, "hash": roster.hash})
    again = house.member("POST", "/roster", json={"roster": roster.to_json(), "members": []})
    assert again.json() == answer.json()
    forged = practice.next_roster(practice.chain.newest.members).to_json()
    forged["signatures"][0]["sig"] = B64(b"s" * 64)
    refused = house.member("POST", "/roster", json={"roster": forged, "members": []})
    assert refused.status_code == 403
    policy = house.member("POST", "/policy", json={"policy": practice.policy.to_json()})
    assert policy.json() == {"version": 1, "hash": practice.policy.hash}


# Cookies


def test_a_cookie_session_is_for_our_own_page_only(house: House) -> None:
    origin = {"Origin": str(house.http.base_url).rstrip("/")}
    foreign = house.ask(
        "POST", "/session", json=sign_in_body(house, cookie=True), headers={"Origin": "https://evil.nl"}
    )
    assert (foreign.status_code, foreign.json()["code"]) == (403, "origin_wrong")
    answer = house.ask("POST", "/session", json=sign_in_body(house, cookie=True), headers=origin)
    assert answer.status_code == 201
    assert answer.json()["token"] is None
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("dossier=")
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert "Secure" not in cookie
    sent = {"Cookie": cookie.partition(";")[0]}
    house.http.cookies.clear()
    assert house.ask("GET", "/dossiers", headers=sent).status_code == 200
    for headers in ({}, {"Origin": "https://evil.nl"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}):
        refused = house.ask("PUT", "/wraps", json={"items": []}, headers={**sent, **headers})
        assert refused.json()["code"] == "origin_wrong", headers
    for headers in (origin, {"Sec-Fetch-Site": "same-origin"}):
        assert house.ask("PUT", "/wraps", json={"items": []}, headers={**sent, **headers}).status_code == 200
    ended = house.ask("DELETE", "/session", headers={**sent, **origin})
    assert ended.status_code == 204
    assert "Max-Age=0" in ended.headers["set-cookie"]
    house.http.cookies.clear()


def test_a_cookie_is_read_as_it_was_sent_among_any_others(house: House) -> None:
    token = house.session()["Authorization"].removeprefix("Dossier-Session ")
    for cookie, status in (
        (f"dossier={token}", 200),
        (f"a=b; dossier={token};c", 200),
        (f"a=\\b;\tdossier={token} ; d=;=;", 200),
        (f'x="{"a" * 100};dossier={token}', 200),
        (f'dossier="{token}"', 401),
        (f'dossier="\\{ord(token[0]):03o}{token[1:]}"', 401),
        (f"Dossier={token}", 401),
        (f"dossier={token}; dossier={token}", 401),
        (f"dossier={token}, dossier={token}", 401),
        (f"dossier = {token}", 401),
    ):
        assert house.ask("GET", "/dossiers", headers={"Cookie": cookie}).status_code == status, cookie
    two = [("Cookie", "dossier=" + "x" * 43), ("Cookie", f"dossier={token}")]
    assert house.ask("GET", "/dossiers", headers=two).status_code == 401, "of two neither can be trusted"


def test_under_tls_the_cookie_belongs_to_this_host_alone(building: Callable[..., House]) -> None:
    house = building(public_url="https://dossier.example")
    body = sign_in_body(house, cookie=True)
    answer = house.ask("POST", "/session", json=body, headers={"Origin": "https://dossier.example"})
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-dossier=")
    assert "Secure" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie


def test_a_session_that_is_none_is_refused(house: House) -> None:
    for value in ("", "Bearer x", "Dossier-Session", "Dossier-Session é", "Dossier-Session " + "a" * 43):
        answer = house.ask("GET", "/dossiers", headers={"Authorization": value.encode()})
        assert (answer.status_code, answer.json()["code"]) == (401, "sign_in")
    assert house.ask("GET", "/dossiers", headers={"Cookie": 'dossier="; drop'}).status_code == 401


def test_every_chain_comes_in_one_answer(house: House) -> None:
    chains = house.member("GET", "/chains").json()
    none = {"items": [], "next": None}
    assert chains == {
        "rosters": house.member("GET", "/roster").json(),
        "policies": house.member("GET", "/policy").json(),
        "ledger": none,
        "checkpoints": none,
        "repairs": {"items": []},
    }
    newer = house.member("GET", "/chains?roster=1&policy=0").json()
    assert newer == {**chains, "rosters": house.member("GET", "/roster?after=1").json()}
    assert house.member("GET", "/chains?policy=-1").json()["code"] == "invalid"
    assert house.ask("GET", "/chains").status_code == 401
