"""Health and readiness."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Self

from gateway.wire.fields import Body
from vault.flows import health


class Health(Body):
    """The process answers; `clock_offset` is `+0s` unless this vault's clock is shifted."""

    status: Literal["ok"]
    clock_offset: str


class Check(Body):
    """One part, and what to do when it does not answer."""

    name: str
    ok: bool
    advice: str


class Readiness(Body):
    """Whether every part answers."""

    status: Literal["ready", "unready", "restored"]
    checks: list[Check]

    @classmethod
    def of(cls, checks: Sequence[health.Check]) -> Self:
        """Ready when all are well; restored when the stores do not belong together."""
        shut = any(check.name == health.STORES and not check.ok for check in checks)
        return cls(
            status="restored" if shut else "ready" if all(check.ok for check in checks) else "unready",
            checks=[Check(name=check.name, ok=check.ok, advice=check.advice) for check in checks],
        )
