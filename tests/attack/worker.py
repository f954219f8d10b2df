"""Workers that are killed: a process with all imports done forks a worker for each requested tick.

A line of JSON requests concurrent ticks, each with its number of steps until the kill (negative: no kill). The answer
says how each ended, and after how many steps. Steps are: before and after a commit, a change of a file or folder, and
each step of the keystore's turn.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.attack.house import Lasting
from tests.faults.dying import Countdown
from vault.adapters.database import store as records
from vault.adapters.keystore import generation_turn
from vault.adapters.keystore import store as keystore
from vault.adapters.sql import factory
from vault.errors import UnavailableError
from vault.flows.audit import auditing
from vault.flows.context import Ports
from vault.flows.erasures import retention

PUT_OFF = 75
_WARM: dict[Path, Lasting] = {}
_CHANGES = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link"}
TASKS: dict[str, Callable[[Ports, datetime], Any]] = {
    "sweep": retention.sweep,
    "compare": retention.compare,
    "checkpoint": auditing.checkpoint,
    "turn": lambda ports, _: ports.keystore.turn(),
}


@dataclass(frozen=True)
class Ended:
    """`code` is the process's exit code: 0, PUT_OFF (left to the next tick), or minus the signal."""

    code: int
    steps: int

    @property
    def killed(self) -> bool:
        return self.code == -signal.SIGKILL


class Workers:
    """The forking process, from a test's side."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "tests.attack.worker"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def run(self, folder: Path, now: datetime, *lives: int, task: str = "sweep") -> list[Ended]:
        """Run concurrent ticks on one folder, each with its number of steps."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        asked = {"folder": str(folder), "now": now.isoformat(), "lives": list(lives or (-1,)), "task": task}
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        return [Ended(*each) for each in json.loads(self._process.stdout.readline())]

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


def main() -> None:
    for line in sys.stdin:
        asked = json.loads(line)
        print(json.dumps(_run(asked)), flush=True)


def _run(asked: dict[str, Any]) -> Sequence[tuple[int, int]]:
    lasting = _warm(Path(asked["folder"]), asked["now"])
    countdowns = [Countdown() for _ in asked["lives"]]
    children = []
    for life, countdown in zip(asked["lives"], countdowns, strict=True):
        countdown.set(life)
        child = os.fork()
        if child == 0:
            _work(asked, lasting, countdown)
        children.append(child)
    codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    return [(code, countdown.seen) for code, countdown in zip(codes, countdowns, strict=True)]


def _warm(folder: Path, now: str) -> Lasting:
    """Warm up for the children: do everything once in this folder, then restore the folder."""
    if folder not in _WARM:
        with tempfile.TemporaryDirectory() as kept:
            shutil.copytree(folder, kept, dirs_exist_ok=True)
            lasting = Lasting(folder)
            for task in TASKS.values():
                task(lasting.ports(), datetime.fromisoformat(now))
            lasting.release()
            shutil.rmtree(folder)
            shutil.copytree(kept, folder)
        _WARM.clear()
        _WARM[folder] = lasting
    return _WARM[folder]


def _work(asked: dict[str, Any], lasting: Lasting, countdown: Countdown) -> None:
    ctypes.CDLL(None).prctl(1, signal.SIGKILL, 0, 0, 0)  # PR_SET_PDEATHSIG
    os.dup2(2, 1)
    code = 99
    try:
        ports = lasting.ports(step=countdown.step)
        _watch(countdown)
        TASKS[asked["task"]](ports, datetime.fromisoformat(asked["now"]))
        code = 0
    except UnavailableError:
        code = PUT_OFF
    except BaseException:  # noqa: BLE001 - a child must not fall back into its parent's loop
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def _watch(countdown: Countdown) -> None:
    real = factory.writing

    @contextlib.contextmanager
    def writing(engine: Any, *locks: Any) -> Iterator[Any]:
        with real(engine, *locks) as connection:
            before = connection.connection.driver_connection.total_changes
            yield connection
            changed = connection.connection.driver_connection.total_changes != before
            if changed:
                countdown.step("commit")
        if changed:
            countdown.step("committed")

    for module in (records, keystore, generation_turn):
        module.writing = writing  # type: ignore[attr-defined]
    sys.addaudithook(lambda event, _: countdown.step(event) if event in _CHANGES else None)
    for name in ("pwrite", "write"):
        _count(name, countdown)


def _count(name: str, countdown: Countdown) -> None:
    real = getattr(os, name)

    def counted(*arguments: Any) -> Any:
        countdown.step(name)
        return real(*arguments)

    setattr(os, name, counted)


if __name__ == "__main__":
    main()
