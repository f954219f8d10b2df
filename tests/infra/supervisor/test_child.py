"""One child: started anew with back-off, told to end or killed, and never believed before it accepts."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator

import pytest

from infra.supervisor.child import Child
from tests.infra.serving import alive, until


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    hears, says = os.pipe()
    os.set_blocking(hears, False)
    yield hears, says
    os.close(hears)
    os.close(says)


def child(code: str, inherited: tuple[int, ...] = (), hears: int | None = None) -> Child:
    return Child("one", [sys.executable, "-c", code], os.environ, inherited, hears=hears)


def ended(one: Child) -> int:
    codes: list[int] = []
    until(lambda: codes.append(code) or True if (code := one.ended()) is not None else False, what="it ends")
    return codes[0]


def test_one_that_ends_is_told_once_and_waits_longer_each_time() -> None:
    one = child("raise SystemExit(3)")
    pauses = []
    for _ in range(3):
        one.start()
        assert ended(one) == 3
        assert (one.ended(), one.pid) == (None, None)
        assert not one.waits
        pauses.append(one.pause)
    assert pauses == [0.5, 1.0, 2.0]
    one.failures = 50
    assert one.pause == 30.0


def test_it_has_its_own_session_and_the_signals_that_the_supervisor_blocks() -> None:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    try:
        one = child("import time; time.sleep(60)")
        one.start()
        assert one.pid is not None
        assert os.getsid(one.pid) == one.pid
        one.tell(signal.SIGTERM)
        assert ended(one) == -signal.SIGTERM
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def test_one_that_does_not_leave_is_killed(pipe: tuple[int, int]) -> None:
    hears, says = pipe
    deaf = f"import os, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); os.write({says}, b'.'); time.sleep(60)"
    one = child(deaf, (says,), hears)
    one.start()
    until(lambda: one.accepts, what="it accepts")
    pid = one.pid
    one.tell(signal.SIGTERM)
    assert one.leave(0.1) is False
    assert pid is not None
    assert not alive(pid)
    assert one.leave(0.1) is True, "it is gone already"


def test_what_an_earlier_start_reported_counts_no_more(pipe: tuple[int, int]) -> None:
    hears, says = pipe
    one = child(f"import os; os.write({says}, b'.')", (says,), hears)
    one.start()
    assert ended(one) == 0
    assert one.accepts
    one._command = [sys.executable, "-c", "pass"]
    one.start()
    assert not one.accepts
    assert ended(one) == 0
    assert not one.accepts


def test_one_that_gives_no_sign_of_life_for_long_stands_still(
    pipe: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    hears, says = pipe
    now = 1000.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    one = child("import time; time.sleep(60)", (says,), hears)
    assert not one.stands_still, "it does not run"
    one.start()
    now += 119
    assert not one.stands_still, "a start takes its time"
    os.write(says, b".")
    assert not one.stands_still
    now += 15
    assert not one.stands_still
    now += 1
    assert one.stands_still
    one.count_anew()
    assert not one.stands_still, "nobody listened meanwhile"
    now += 16
    os.write(says, b"." * 10_000)
    assert not one.stands_still, "it gave signs of life"
    one.tell(signal.SIGKILL)
    one.leave(60)
    now += 1000
    assert not one.stands_still


def test_one_that_was_stopped_stands_still_after_three_seconds(
    pipe: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    hears, says = pipe
    now = 1000.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    one = child("import time; time.sleep(60)", (says,), hears)
    one.start()
    os.write(says, b".")
    assert not one.stands_still
    now += 4
    assert not one.stands_still, "it may wait for a busy machine"
    assert one.pid is not None
    os.kill(one.pid, signal.SIGSTOP)
    os.waitpid(one.pid, os.WUNTRACED)
    assert one.stands_still
    now -= 2
    assert not one.stands_still, "whoever stops it for a moment may"
    os.kill(one.pid, signal.SIGCONT)
    one.tell(signal.SIGKILL)
    one.leave(60)


def test_one_that_serves_nobody_is_not_waited_for(pipe: tuple[int, int]) -> None:
    assert Child("one", ["true"], {}, (), hears=pipe[0], serves=False).accepts
    assert not Child("one", ["true"], {}, (), hears=pipe[0]).accepts
