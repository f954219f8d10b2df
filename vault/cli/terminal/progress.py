"""A progress line for a long task: amount, speed, time left. Only on a terminal."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from vault.cli.terminal.output import Output

_EVERY = 0.1
_WINDOW = 5.0
_CLEAR = "\r\x1b[K"
_BAR = 20


class Bar:
    """Observes a task (`vault.sdk.device.progress.Progress`); the end of the `with` clears the line."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._shown = sys.stderr.isatty()
        self._guard = threading.Lock()
        self._total = self._done = 0
        self._marks: list[tuple[float, int]] = [(time.monotonic(), 0)]
        self._drawn = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._guard:
            if self._shown and self._drawn:
                print(_CLEAR, end="", file=sys.stderr, flush=True)
            self._shown = False

    def expect(self, amount: int) -> None:
        """Add to the expected bytes."""
        with self._guard:
            self._total += amount

    def advance(self, amount: int) -> None:
        """Add to the finished bytes."""
        with self._guard:
            self._done += amount
            now = time.monotonic()
            if self._shown and now - self._drawn >= _EVERY:
                self._drawn = now
                print(_CLEAR + self.line(now), end="", file=sys.stderr, flush=True)

    def line(self, now: float) -> str:
        """The current line."""
        self._marks = [mark for mark in self._marks if now - mark[0] <= _WINDOW] or self._marks[-1:]
        since, before = self._marks[0]
        speed = max(0.0, (self._done - before) / max(now - since, 1e-3))
        self._marks.append((now, self._done))
        share = min(1.0, max(0.0, self._done / self._total)) if self._total else 0.0
        filled = round(share * _BAR)
        return self._output.text(
            "documents.progress",
            bar="█" * filled + "░" * (_BAR - filled),
            done=self._output.size(max(0, self._done)),
            total=self._output.size(self._total),
            speed=self._output.size(round(speed)),
            left=_clock((self._total - self._done) / speed) if speed else "-",
        )


@contextmanager
def counted(output: Output) -> Iterator[Callable[[int, int], None]]:
    """An observer that is told how many of how many are done; the end of the `with` clears the line."""
    shown = sys.stderr.isatty()

    def tell(done: int, total: int) -> None:
        if shown:
            print(_CLEAR + output.text("common.counted", done=done, total=total), end="", file=sys.stderr, flush=True)

    try:
        yield tell
    finally:
        if shown:
            print(_CLEAR, end="", file=sys.stderr, flush=True)


def _clock(seconds: float) -> str:
    whole = max(0, round(seconds))
    hours, rest = divmod(whole, 3600)
    minutes, second = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{second:02}" if hours else f"{minutes}:{second:02}"
