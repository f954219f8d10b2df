"""One child: in its own session, killed by the kernel when the supervisor dies, restarted with back-off."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 30.0
_STEADY = 60.0
# Seconds without a sign of life, of which there is one a second; before the first of them a start takes its time.
_SILENT = 15.0
_STARTING = 120.0
# A process that the kernel says was stopped by a signal holds its locks for nothing: on SQLite everybody's to write.
_STOPPED = 3.0
_libc = ctypes.CDLL(None, use_errno=True)


def _nothing() -> None:
    """The default `before`: nothing."""


class Child:
    """A command to keep running. `failures` counts endings since it last ran for a full minute.

    `before` is called before each start. `hears` is the read end of a non-blocking pipe. The command writes a byte into
    it every second; the first, where it `serves`, when it accepts connections.
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
        serves: bool = True,
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
        self._serves = serves
        self._heard = False
        self._heard_at = 0.0

    @property
    def accepts(self) -> bool:
        """Whether it has reported so since its start; always true of one that serves nobody, and without `hears`."""
        self._listen()
        return self._heard or self._hears is None or not self._serves

    @property
    def stands_still(self) -> bool:
        """Whether it runs, and gave no sign of life for too long; for less, where it was stopped."""
        self._listen()
        if self._process is None or self._hears is None:
            return False
        silent = time.monotonic() - self._heard_at
        return silent > (_SILENT if self._heard else _STARTING) or (silent > _STOPPED and _stopped(self._process.pid))

    def count_anew(self) -> None:
        """Forget for how long it was silent: nobody listened meanwhile."""
        self._heard_at = time.monotonic()

    @property
    def pid(self) -> int | None:
        """The process, while it runs."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start it with signals unblocked and its life bound to ours."""
        parent = os.getpid()
        self._before()
        self._listen()  # what an earlier start reported
        self._started = self._heard_at = time.monotonic()
        self._heard = False
        self._process = subprocess.Popen(
            self._command,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            pass_fds=self._inherited,
            preexec_fn=lambda: _bind_to(parent),  # noqa: PLW1509 - this process has one thread
        )

    def _listen(self) -> None:
        """Read whatever it wrote since the last time."""
        with suppress(BlockingIOError):
            while self._hears is not None and os.read(self._hears, 4096):
                self._heard, self._heard_at = True, time.monotonic()

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


def _stopped(pid: int) -> bool:
    """Whether a signal stopped it: proc(5), the state `T`. One that waits for a busy machine is in another state."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"
    except OSError:
        return False


def _bind_to(parent: int) -> None:
    """Between fork and exec: the kernel shall kill this process with the supervisor; exit if that is dead already."""
    if _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) != 0 or os.getppid() != parent:
        os._exit(1)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
