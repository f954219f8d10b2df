"""A state machine as a table: pairs of a state and one that may follow it. The store permits nothing else."""

from __future__ import annotations

from enum import StrEnum
from typing import TypeAlias, TypeVar

S = TypeVar("S", bound=StrEnum)
Transitions: TypeAlias = frozenset[tuple[S, S]]


def sources(table: Transitions[S], state: S) -> tuple[S, ...]:
    """The states that `state` may be entered from, in the order of their words."""
    return tuple(sorted(before for before, after in table if after is state))
