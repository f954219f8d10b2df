"""A clock that jumped destroys nothing until somebody with another clock agrees, and health says so at once."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tests.actors import NOW, Practice
from tests.health import checks
from vault.domain.clock import ClockWord, Doubt
from vault.flows import health
from vault.flows.audit import auditing
from vault.flows.clock.trusting import BELIEVED, ClockState, agree, clock_state, doubtful
from vault.flows.people import signing_in
from vault.rules.verdict import Refused

NONE, MONTHS = timedelta(0), timedelta(days=183)
AHEAD = NOW + MONTHS
TICK = timedelta(seconds=5)


def sign_in(practice, person, now, *, elsewhere=True, offset=NONE):
    request = signing_in.SignIn(person.email, person.login, person.code(now), {}, "198.51.100.7", elsewhere)
    return signing_in.sign_in(practice.ports, request, now, offset)


def clock(practice, now, offset=NONE):
    return next(check for check in checks(practice.ports, now, (), offset) if check.name == health.CLOCK)


@pytest.fixture
def running(practice):
    """A worker has looked before."""
    assert doubtful(practice.ports, NOW, NONE) is None
    return practice


@pytest.mark.parametrize("now", [AHEAD, NOW - MONTHS], ids=["ahead", "back"])
def test_a_jump_is_doubted_and_told_until_the_clock_is_mended(running, now, caplog):
    assert doubtful(running.ports, now, NONE) == Doubt(NOW, now)
    assert "in doubt" in caplog.text
    check = clock(running, now)
    assert not check.ok
    assert f"{NOW:%Y-%m-%d %H:%M}" in check.advice
    assert not clock(running, NOW).ok, "the gateway's clock may be right where the worker's is wrong"
    assert doubtful(running.ports, NOW + TICK, NONE) is None
    assert clock(running, NOW + TICK).ok


def test_a_doubt_that_lasts_is_logged_once_and_at_changes(running, caplog, monkeypatch):
    seconds = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: seconds[0])

    def logged(now: datetime) -> int:
        caplog.clear()
        for _ in range(100):
            seconds[0] += 5
            now += timedelta(seconds=5)
            assert doubtful(running.ports, now, NONE) is not None
        return caplog.text.count("in doubt")

    assert logged(AHEAD) == 1
    assert logged(AHEAD + timedelta(seconds=500)) == 0
    assert logged(AHEAD + timedelta(days=9)) == 1, "it was moved again"
    assert doubtful(running.ports, NOW + TICK, NONE) is None
    assert logged(AHEAD + timedelta(days=9)) == 1, "it came back"


def test_the_gateway_tells_of_a_jump_before_the_worker_looks(running):
    assert not clock(running, AHEAD).ok
    assert clock(running, NOW).ok


def test_before_the_set_up_nothing_is_doubted():
    empty = Practice()
    assert doubtful(empty.ports, NOW, NONE) is None
    assert doubtful(empty.ports, AHEAD, NONE) is None


def test_without_a_heartbeat_the_newest_signature_counts(practice):
    practice.open_dossier()
    assert doubtful(practice.ports, AHEAD, NONE) is None, "nothing was signed yet"
    with practice.ports.store.transaction() as tx:
        tx.beat(BELIEVED, NOW)
    auditing.checkpoint(practice.ports, NOW)
    practice.ports.store._tables.heartbeat.clear()
    assert doubtful(practice.ports, AHEAD, NONE) == Doubt(NOW, AHEAD)
    assert not clock(practice, NOW).ok
    assert doubtful(practice.ports, NOW, NONE) is None
    assert clock(practice, NOW).ok


def test_a_director_who_signs_in_elsewhere_ends_the_doubt_and_it_stays_ended(running):
    assert doubtful(running.ports, AHEAD, NONE)
    assert not isinstance(sign_in(running, running.director, AHEAD), Refused)
    for day in range(4):
        assert doubtful(running.ports, AHEAD + timedelta(days=day), NONE) is None
    assert clock(running, AHEAD + timedelta(days=3)).ok


def test_a_sign_in_on_the_servers_own_machine_says_nothing_of_its_clock(running):
    sign_in(running, running.director, AHEAD, elsewhere=False)
    assert doubtful(running.ports, AHEAD, NONE)


def test_one_coach_alone_ends_no_doubt_and_two_do(running):
    one, other = running.appoint("Carla"), running.appoint("Dora")
    for person, ends in ((one, False), (one, False), (other, True)):
        with running.ports.store.transaction() as tx:
            tx.keep_word(ClockWord(person.id, AHEAD))
        assert (doubtful(running.ports, AHEAD, NONE) is None) is ends


def test_a_director_looks_and_agrees(running):
    director = running.director.caller
    assert clock_state(running.ports, director, NOW, NONE) == ClockState(NOW, None)
    assert doubtful(running.ports, AHEAD, NONE)
    assert clock_state(running.ports, director, AHEAD, NONE) == ClockState(AHEAD, NOW)
    wrong = AHEAD + timedelta(minutes=5, seconds=1)
    assert agree(running.ports, director, wrong, AHEAD, NONE) == Refused("clock_wrong")
    assert agree(running.ports, director, NOW, AHEAD, NONE) == Refused("clock_wrong")
    assert doubtful(running.ports, AHEAD, NONE)
    assert agree(running.ports, director, AHEAD, AHEAD + TICK, NONE) is None
    assert doubtful(running.ports, AHEAD + TICK, NONE) is None


def test_a_coach_neither_looks_nor_agrees(running):
    coach = running.appoint("Carla").caller
    assert clock_state(running.ports, coach, AHEAD, NONE) == Refused("not_allowed")
    assert agree(running.ports, coach, AHEAD, AHEAD, NONE) == Refused("not_allowed")


def test_a_word_that_was_given_too_early_is_taken_back_by_mending_the_clock_and_agreeing_again(running):
    agree(running.ports, running.director.caller, AHEAD, AHEAD, NONE)
    assert doubtful(running.ports, AHEAD, NONE) is None
    auditing.checkpoint(running.ports, AHEAD)
    assert doubtful(running.ports, NOW, NONE) == Doubt(AHEAD, NOW)
    agree(running.ports, running.director.caller, NOW, NOW, NONE)
    assert doubtful(running.ports, NOW + TICK, NONE) is None
    assert doubtful(running.ports, NOW + 2 * TICK, NONE) is None
    assert clock(running, NOW + 2 * TICK).ok


def test_an_offset_in_the_settings_is_agreed_and_a_jump_under_it_is_not(running):
    years = timedelta(days=1827)
    assert doubtful(running.ports, NOW + years, years) is None
    assert clock(running, NOW + years, years).ok
    assert doubtful(running.ports, NOW + TICK, NONE) is None, "and so is leaving it out again"
    assert doubtful(running.ports, AHEAD + years, years) == Doubt(NOW + TICK, AHEAD)
    sign_in(running, running.director, AHEAD + years, offset=years)
    assert doubtful(running.ports, AHEAD + years, years) is None
