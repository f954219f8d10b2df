"""A state machine as a table of pairs: a state and its successor. The store permits no other change."""

from __future__ import annotations

from enum import StrEnum
from typing import TypeAlias, TypeVar

S = TypeVar("S", bound=StrEnum)
Transitions: TypeAlias = frozenset[tuple[S, S]]


def sources(table: Transitions[S], state: S) -> tuple[S, ...]:
    """The predecessors of `state`, sorted by value."""
    return tuple(sorted(before for before, after in table if after is state))
