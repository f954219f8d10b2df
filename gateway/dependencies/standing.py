"""Writes and releases only while the four stores belong together; members go on reading and signing in.

What is answered all the same, or is not although it reads, says so of itself: `declares(frozen=…)`.
"""

from __future__ import annotations

from fastapi import Depends
from starlette.requests import Request

from gateway.declared_codes import answered_frozen
from gateway.dependencies.state import State, state_of
from gateway.http.failures import Problem


async def check_open(state: State) -> None:
    """Raise Problem `restored` where the stores do not belong together, `unavailable` before they were compared."""
    found = await state.stores.findings()
    if found is None:
        raise Problem("unavailable")
    if found:
        raise Problem("restored")


async def _while_open(request: Request) -> None:
    if not answered_frozen(request.method, request.scope["route"].endpoint):
        await check_open(state_of(request))


WhileOpen = Depends(_while_open)
