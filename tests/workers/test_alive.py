"""Signs of life: as many as the supervisor reads, and never a hold-up for whoever gives them."""

from __future__ import annotations

import os
from contextlib import suppress
from threading import Event

import pytest

from vault.settings import ALIVE
from workers import alive


def test_signs_come_for_as_long_as_the_process_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alive, "EVERY_SECONDS", 0.001)
    hears, says = os.pipe()
    ended = Event()
    thread = alive.give_signs({ALIVE: str(says)}, ended)
    assert thread is not None
    for _ in range(3):
        assert os.read(hears, 1) == b"1"
    ended.set()
    thread.join()
    os.close(hears)
    os.close(says)


def test_a_full_pipe_and_a_supervisor_that_is_gone_stop_nobody() -> None:
    hears, says = os.pipe()
    os.set_blocking(says, False)
    with suppress(BlockingIOError):
        while os.write(says, bytes(65536)):
            pass
    ended = Event()
    ended.set()
    for let_go in (lambda: os.close(hears), lambda: os.close(says)):
        thread = alive.give_signs({ALIVE: str(says)}, ended)
        assert thread is not None
        thread.join()
        let_go()


def test_without_a_supervisor_there_are_none() -> None:
    assert alive.give_signs({}) is None
