"""Lists come in pages: `next` is the item to continue after, null on the last page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from vault.records.envelope import Envelope

T = TypeVar("T")
PAGE = 500


def next_after(items: Sequence[T], limit: int) -> T | None:
    """The item after which the next page begins; None when this page was not full."""
    return items[-1] if len(items) >= limit else None


def next_number(items: Sequence[Envelope], limit: int, field: str) -> int | None:
    """As `next_after`, for a chain of records: the number of the last one."""
    last = next_after(items, limit)
    return None if last is None else int(last.fields[field])
