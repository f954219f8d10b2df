"""A trial: something that a role must be able to do, or must not; tried, and told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Trial:
    """How it went; `reason` says what was wrong, and repeats no secret."""

    name: str
    ok: bool
    reason: str = ""


def must(name: str, act: Callable[[], object], faults: tuple[type[Exception], ...]) -> Trial:
    """Fine when the act goes through."""
    try:
        act()
    except faults as error:
        return Trial(name, ok=False, reason=f"it could not: {type(error).__name__}")
    return Trial(name, ok=True)


def must_not(
    name: str, act: Callable[[], object], refused: Callable[[Exception], bool], faults: tuple[type[Exception], ...]
) -> Trial:
    """Fine when the engine refuses for want of a right; any other failure proves nothing."""
    try:
        act()
    except faults as error:
        if refused(error):
            return Trial(name, ok=True)
        return Trial(name, ok=False, reason=f"it was not refused, it failed: {type(error).__name__}")
    return Trial(name, ok=False, reason="it was allowed to")
