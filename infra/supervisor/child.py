"""One child: in its own session, killed by the kernel when the supervisor dies, restarted with back-off."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

_PR_SET_PDEATHSIG = 1
_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 30.0
_STEADY = 60.0
_libc = ctypes.CDLL(None, use_errno=True)


def _nothing() -> None:
    """The default `before`: nothing."""


class Child:
    """A command to keep running. `failures` counts endings since it last ran for a full minute.

    `before` is called before each start. `hears` is the read end of a non-blocking pipe; the command writes a byte into
    it when it accepts connections.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        environment: Mapping[str, str],
        inherited: Sequence[int],
        *,
        before: Callable[[], object] = _nothing,
        hears: int | None = None,
    ) -> None:
        self.name = name
        self.failures = 0
        self.due = 0.0
        self._command = list(command)
        self._environment = dict(environment)
        self._inherited = tuple(inherited)
        self._process: subprocess.Popen[bytes] | None = None
        self._started = 0.0
        self._before = before
        self._hears = hears
        self._accepts = hears is None

    @property
    def accepts(self) -> bool:
        """Whether it has reported so since its start; always true without `hears`."""
        if not self._accepts and self._hears is not None:
            with suppress(BlockingIOError):
                self._accepts = os.read(self._hears, 64) != b""
        return self._accepts

    @property
    def pid(self) -> int | None:
        """The process, while it runs."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start it with signals unblocked and its life bound to ours."""
        parent = os.getpid()
        self._forget()
        self._before()
        self._started = time.monotonic()
        self._process = subprocess.Popen(
            self._command,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            pass_fds=self._inherited,
            preexec_fn=lambda: _bind_to(parent),  # noqa: PLW1509 - this process has one thread
        )

    def _forget(self) -> None:
        """Drop the report of an earlier start."""
        while self._hears is not None and self.accepts:
            self._accepts = False

    def ended(self) -> int | None:
        """Its return code, once; None while it runs or when the code was returned before."""
        if self._process is None or (code := self._process.poll()) is None:
            return None
        self._process = None
        if time.monotonic() - self._started > _STEADY:
            self.failures = 0
        self.failures += 1
        self.due = time.monotonic() + self.pause
        return code

    @property
    def pause(self) -> float:
        """Seconds until it may start again."""
        return min(_FIRST_PAUSE * 2.0 ** min(self.failures - 1, 10), _LONGEST_PAUSE)

    @property
    def waits(self) -> bool:
        """Whether it is stopped and its back-off is over."""
        return self._process is None and time.monotonic() >= self.due

    def tell(self, number: signal.Signals) -> None:
        """Send a signal, if it runs."""
        if self._process:
            self._process.send_signal(number)

    def leave(self, seconds: float) -> bool:
        """Wait for it to end by itself; False when it had to be killed."""
        if self._process is None:
            return True
        try:
            self._process.wait(timeout=max(seconds, 0.0))
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            return False
        finally:
            self._process = None
        return True


def _bind_to(parent: int) -> None:
    """Between fork and exec: the kernel shall kill this process with the supervisor; exit if that is dead already."""
    if _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) != 0 or os.getppid() != parent:
        os._exit(1)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
