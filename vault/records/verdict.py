"""The answer of a rule: a small value, never an exception."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Allowed:
    """The rule has no objection."""

    def __bool__(self) -> bool:
        """True, so that a verdict reads well in a condition."""
        return True


@dataclass(frozen=True, slots=True)
class Refused:
    """The rule objects; `reason` is a stable word that callers may show or test for."""

    reason: str

    def __bool__(self) -> bool:
        """False, so that a verdict reads well in a condition."""
        return False


Verdict = Allowed | Refused
ALLOWED = Allowed()
