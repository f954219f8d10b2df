"""The answers several flows share. A flow returns its own result or one of these; `match` tells them apart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from vault.ports.store import Store, Transaction
from vault.records.envelope import Envelope
from vault.rules.verdict import Refused

T = TypeVar("T")
NOT_FOUND = Refused("not_found")


@dataclass(frozen=True, slots=True)
class Throttled:
    """Too many failures; the same call may be made again after that many seconds."""

    seconds: int


@dataclass(frozen=True, slots=True)
class Stale:
    """The index does not follow the newest one, which is this."""

    index: Envelope


@dataclass(frozen=True, slots=True)
class Missing:
    """These segments have not arrived."""

    numbers: tuple[int, ...]


Answer = Refused | Throttled | Stale | Missing


class _RollbackError(Exception):
    """Carries a refusal out of a transaction, which rolls back on its way."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer


def decide(store: Store, work: Callable[[Transaction], T], of: str | None = None) -> T:
    """`work` within one unit of work; where it returns a refusal, nothing that it wrote stays.

    `work` returns its result or an Answer; `of` is the dossier it writes to, None where it writes for everybody.
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
