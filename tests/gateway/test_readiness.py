"""Readiness costs no request a thread: a part that hangs is named, and nobody else waits for it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from gateway import readiness
from tests.gateway.house import House
from vault.errors import UnavailableError
from vault.flows.health import ENGINES

CROWD = 40  # more than there are threads for flows


class Hanging:
    """A part that answers nobody until it is let go; it counts who asks."""

    def __init__(self) -> None:
        self.asked = 0
        self.go = threading.Event()

    def __call__(self, *_: object) -> None:
        self.asked += 1
        self.go.wait()


@pytest.fixture
def hanging() -> Iterator[Hanging]:
    part = Hanging()
    yield part
    part.go.set()


PORTS = {"records": ("store", "check"), "keystore": ("keystore", "check_reading"), "objects": ("objects", "check")}


def hang(house: House, monkeypatch: pytest.MonkeyPatch, part: str, act: Callable[..., None]) -> None:
    port, method = PORTS[part]
    monkeypatch.setattr(type(getattr(house.ports, port)), method, lambda *_: act())


def failing(house: House) -> list[str]:
    answer = house.ask("GET", "//readyz")
    return [check["name"] for check in answer.json()["checks"] if not check["ok"]]


@pytest.mark.parametrize("part", ENGINES)
def test_a_part_that_hangs_is_named_and_keeps_nobody_else_waiting(
    house: House, monkeypatch: pytest.MonkeyPatch, hanging: Hanging, part: str
) -> None:
    monkeypatch.setattr(readiness, "WITHIN", 0.2)
    hang(house, monkeypatch, part, hanging)
    with ThreadPoolExecutor(CROWD) as crowd:
        asked = [crowd.submit(failing, house) for _ in range(CROWD)]
        assert house.member("GET", "/dossiers").status_code == 200, "a list meanwhile"
        assert all(part in future.result() for future in asked)
    assert hanging.asked == 1, "one thread of its own, whoever asks"
    hanging.go.set()
    while failing(house):  # its thread ends in its own time
        pass


def test_an_answer_is_at_most_so_old(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    watch = house.app.state.gateway.readiness
    watch.fresh = readiness.FRESH
    asked: list[int] = []
    hang(house, monkeypatch, "objects", lambda: asked.append(1))
    for _ in range(3):
        assert failing(house) == []
    assert len(asked) == 1
    watch.fresh = -1
    assert failing(house) == []
    assert len(asked) == 2


def test_a_part_that_fails_says_why(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise UnavailableError("no bucket", advice="Look for it.")

    hang(house, monkeypatch, "objects", fail)
    [check] = [check for check in house.ask("GET", "//readyz").json()["checks"] if not check["ok"]]
    assert (check["name"], check["advice"]) == ("objects", "Look for it.")


def test_a_look_that_failed_is_repeated_by_the_next_who_asks(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise UnavailableError("gone between two questions")

    with monkeypatch.context() as patched:
        patched.setattr("vault.flows.health.work", fail)
        assert house.ask("GET", "//readyz").json()["code"] == "unavailable"
    assert failing(house) == []
