"""When a request is made again, and when the server is believed."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from vault.sdk.errors import ServerUnreachableError
from vault.sdk.server import retry
from vault.sdk.server.retry import PAUSES, again


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that were made, on a clock that they move."""
    pauses: list[float] = []
    monkeypatch.setattr(retry.time, "sleep", pauses.append)
    monkeypatch.setattr(retry.time, "monotonic", lambda: sum(pauses))
    monkeypatch.setattr(retry.random, "uniform", lambda _, most: most)
    return pauses


def failing(*errors: ServerUnreachableError) -> Callable[[], str]:
    left: Iterator[ServerUnreachableError] = iter(errors)

    def ask() -> str:
        for error in left:
            raise error
        return "answer"

    return ask


def lost() -> ServerUnreachableError:
    return ServerUnreachableError("no answer", advice="")


def busy(seconds: int | None = 5) -> ServerUnreachableError:
    return ServerUnreachableError("busy", advice="", reason="busy", retry_after=seconds)


def test_a_lost_answer_is_asked_for_three_times_more(slept: list[float]) -> None:
    assert again(failing(lost(), lost(), lost())) == "answer"
    assert slept == list(PAUSES)
    with pytest.raises(ServerUnreachableError):
        again(failing(lost(), lost(), lost(), lost()))


def test_a_busy_server_is_believed_at_once_by_those_without_patience(slept: list[float]) -> None:
    with pytest.raises(ServerUnreachableError):
        again(failing(busy()))
    assert slept == []


def test_a_busy_server_is_asked_again_when_it_says_and_no_longer_than_patience_lasts(slept: list[float]) -> None:
    assert again(failing(*[busy()] * 4), patience=20) == "answer"
    assert slept == [5] * 4
    slept.clear()
    with pytest.raises(ServerUnreachableError):
        again(failing(*[busy()] * 5), patience=20)
    assert slept == [5] * 4


@pytest.mark.parametrize(
    "error", [busy(None), ServerUnreachableError("no disk", advice="", reason="unavailable", retry_after=5)]
)
def test_any_other_reason_is_believed_at_once(slept: list[float], error: ServerUnreachableError) -> None:
    with pytest.raises(ServerUnreachableError):
        again(failing(error), patience=600)
    assert slept == []
