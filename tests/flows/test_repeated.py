"""What lasts is said once, at each change, and once an hour."""

from __future__ import annotations

import pytest

from vault.flows.repeated import AGAIN_SECONDS, Repeated


def test_it_is_said_once_at_each_change_and_once_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    told = Repeated()
    assert [told.due("a"), told.due("a"), told.due("b"), told.due("b")] == [True, False, True, False]
    now[0] += AGAIN_SECONDS - 1
    assert not told.due("b")
    now[0] += 1
    assert told.due("b")
    told.over()
    assert told.due("b")
