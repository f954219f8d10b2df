"""Health and readiness."""

from __future__ import annotations

from typing import Literal

from gateway.wire.fields import Body


class Health(Body):
    """The process answers; `clock_offset` is `+0s` unless this vault plays another day."""

    status: Literal["ok"]
    clock_offset: str


class Check(Body):
    """One part, and what to do when it does not answer."""

    name: str
    ok: bool
    advice: str


class Readiness(Body):
    """Whether every part answers."""

    status: Literal["ready", "unready"]
    checks: list[Check]
