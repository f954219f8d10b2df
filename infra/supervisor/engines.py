"""Waits for engines that start at the same time as we do, and names one that does not answer."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from typing import Protocol, TypeVar

from vault.errors import ConfigurationError, UnavailableError

T = TypeVar("T")
ENDING = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP}
PATIENCE = 30.0
_PAUSE = 0.5


class Tell(Protocol):
    """Prints one of the texts of `dossier serve`."""

    def __call__(self, key: str, /, **values: object) -> None:
        """The text under that key, with its values filled in."""


class Stopped(Exception):  # noqa: N818 - nothing went wrong
    """A signal ended the start while it waited."""


class Engines:
    """Calls engines during a start; all of them together have `patience` seconds to come up."""

    def __init__(self, tell: Tell, patience: float = PATIENCE) -> None:
        self._tell = tell
        self._deadline = time.monotonic() + patience
        self._told: set[str] = set()

    def ask(self, name: str, act: Callable[[], T], *, outside: bool) -> T:
        """The result of `act`. An external engine is retried until it answers or the time is over.

        Raises the error of `act`, prefixed by the engine's name, and Stopped.
        """
        while True:
            try:
                return act()
            except ConfigurationError as error:
                raise ConfigurationError(f"{name}: {error}", advice=error.advice) from error
            except UnavailableError as error:
                if not outside or time.monotonic() >= self._deadline:
                    raise UnavailableError(f"{name}: {error}", advice=error.advice) from error
                self._wait(name, error)

    def _wait(self, name: str, error: UnavailableError) -> None:
        if name not in self._told:
            self._told.add(name)
            seconds = f"{max(0.0, self._deadline - time.monotonic()):.0f}"
            self._tell("waiting", engine=name, reason=error, seconds=seconds)
        if signal.sigtimedwait(ENDING, _PAUSE) is not None:
            raise Stopped
