"""The server's clock, and a director's word on it."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field

from gateway.wire.fields import KIB, Body, Instant, RequestBody
from vault.flows.clock import trusting


class ClockState(Body):
    """What the clock says; `last` is when it was last believed, null while it is."""

    now: Instant
    last: Instant | None

    @classmethod
    def of(cls, state: trusting.ClockState) -> Self:
        """As it was found."""
        return cls(now=state.now, last=state.last)


class ClockWord(RequestBody):
    """The time by another clock."""

    limit = 8 * KIB
    at: Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$")]
