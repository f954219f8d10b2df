"""A trial: an act that must succeed for a role, or must be refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Trial:
    """The outcome; `reason` says what was wrong, without any secret."""

    name: str
    ok: bool
    reason: str = ""


def must(name: str, act: Callable[[], object], faults: tuple[type[Exception], ...]) -> Trial:
    """Passes when the act succeeds."""
    try:
        act()
    except faults as error:
        return Trial(name, ok=False, reason=f"it could not: {type(error).__name__}")
    return Trial(name, ok=True)


def must_not(
    name: str, act: Callable[[], object], refused: Callable[[Exception], bool], faults: tuple[type[Exception], ...]
) -> Trial:
    """Passes when the engine refuses for a missing right; any other failure proves nothing."""
    try:
        act()
    except faults as error:
        if refused(error):
            return Trial(name, ok=True)
        return Trial(name, ok=False, reason=f"it was not refused, it failed: {type(error).__name__}")
    return Trial(name, ok=False, reason="it was allowed to")
