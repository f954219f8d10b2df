"""The answer of a rule: a small value, never an exception.

Neither defines a truth value: a false refusal would slip through `if refused := …`.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Allowed:
    """The rule allows it."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The rule refuses; `reason` is a stable word, for display and tests."""

    reason: str


Verdict = Allowed | Refused
ALLOWED = Allowed()
