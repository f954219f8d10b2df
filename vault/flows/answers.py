"""The answers several flows share. A flow returns its own result or one of these; `match` tells them apart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Self, TypeVar

from vault.ports.store import Named, Store, Transaction
from vault.records.envelope import Envelope
from vault.rules.verdict import Refused

T = TypeVar("T")
NOT_FOUND = Refused("not_found")


@dataclass(frozen=True, slots=True)
class Throttled:
    """Too many failures; the call may be repeated after that many seconds."""

    seconds: int

    @classmethod
    def after(cls, wait: timedelta) -> Self | None:
        """In whole seconds; None where there is nothing to wait for."""
        return cls(max(1, round(wait.total_seconds()))) if wait > timedelta(0) else None


@dataclass(frozen=True, slots=True)
class Stale:
    """The new index does not follow the newest one, given here."""

    index: Envelope


@dataclass(frozen=True, slots=True)
class Missing:
    """These segments are missing."""

    numbers: tuple[int, ...]


Answer = Refused | Throttled | Stale | Missing


class _RollbackError(Exception):
    """Carries a refusal out of a transaction, and so rolls it back."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer


def decide(store: Store, work: Callable[[Transaction], T], of: str | Named | None = None) -> T:
    """Run `work` in one unit of work; a refusal rolls it back.

    `work` returns its result or an Answer; `of` is as of `Store.transaction`.
    """
    try:
        with store.transaction(of) as tx:
            return _kept(work(tx))
    except _RollbackError as rollback:
        return rollback.answer  # type: ignore[return-value]


def _kept(result: T) -> T:
    if isinstance(result, Answer):
        raise _RollbackError(result)
    return result
