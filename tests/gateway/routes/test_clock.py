"""A director looks at the server's clock and agrees with it; a sign-in from another machine agrees too."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gateway.routes import people
from tests.actors import NOW
from tests.gateway.house import House
from vault.flows.clock.trusting import doubtful
from vault.records.encoding import format_instant, to_base64url

NONE = timedelta(0)


@pytest.fixture
def doubted(house: House) -> House:
    """A worker believed the clock half a year ago."""
    assert doubtful(house.ports, NOW, NONE) is None
    house.later(days=183)
    assert doubtful(house.ports, house.clock[0], NONE)
    return house


def test_a_clock_in_doubt_makes_health_red_until_a_director_agrees(doubted: House) -> None:
    director = doubted.session()
    answer = doubted.ask("GET", "//readyz")
    assert (answer.status_code, answer.json()["status"]) == (503, "unready")
    assert [each["name"] for each in answer.json()["checks"] if not each["ok"]] == ["clock", "sweep", "escrow"]
    state = doubted.ask("GET", "/clock", headers=director).json()
    now = format_instant(doubted.clock[0])
    assert state == {"now": now, "last": format_instant(NOW)}
    for wrong in (format_instant(NOW), format_instant(doubted.later(minutes=6))):
        doubted.clock[0] = NOW + timedelta(days=183)
        refused = doubted.ask("POST", "/clock", json={"at": wrong}, headers=director)
        assert refused.json()["code"] == "clock_wrong"
    for malformed in ("yesterday", "2026-02-30T00:00:00Z"):
        assert doubted.ask("POST", "/clock", json={"at": malformed}, headers=director).status_code == 422
    assert doubted.ask("POST", "/clock", json={"at": now}, headers=director).status_code == 204
    assert doubtful(doubted.ports, doubted.clock[0], NONE) is None
    checks = doubted.ask("GET", "//readyz").json()["checks"]
    assert [each["name"] for each in checks if not each["ok"]] == ["sweep", "escrow"], "which this test runs none of"
    assert doubted.ask("GET", "/clock", headers=director).json()["last"] is None


def test_a_coach_has_no_word_of_her_own(doubted: House) -> None:
    coach = doubted.session(doubted.practice.appoint("Carla"))
    assert doubted.ask("GET", "/clock", headers=coach).json()["code"] == "not_allowed"
    body = {"at": format_instant(doubted.clock[0])}
    assert doubted.ask("POST", "/clock", json=body, headers=coach).json()["code"] == "not_allowed"


@pytest.mark.parametrize("elsewhere", [True, False])
def test_a_directors_sign_in_agrees_where_it_comes_from_another_machine(
    doubted: House, monkeypatch: pytest.MonkeyPatch, elsewhere: bool
) -> None:
    monkeypatch.setattr(people, "is_elsewhere", lambda _: elsewhere)
    person, now = doubted.practice.director, doubted.clock[0]
    body = {"email": person.email, "login": to_base64url(person.login), "code": person.code(now)}
    assert doubted.ask("POST", "/session", json=body).status_code == 201
    assert (doubtful(doubted.ports, now, NONE) is None) is elsewhere
