"""The answer of a rule: a small value, never an exception.

Neither has a truth value of its own: a refusal that counted as false would slip through `if refused := …`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Allowed:
    """The rule has no objection."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The rule objects; `reason` is a stable word that callers may show or test for."""

    reason: str


Verdict = Allowed | Refused
ALLOWED = Allowed()
