"""Writes and releases only while the four stores belong together; members go on reading and signing in.

What is answered all the same, or is not although it reads, says so of itself: `declares(frozen=…)`.
"""

from __future__ import annotations

from fastapi import Depends
from starlette.requests import Request

from gateway.declared_codes import answered_frozen
from gateway.dependencies.state import state_of
from gateway.http.failures import Problem


async def _while_open(request: Request) -> None:
    if answered_frozen(request.method, request.scope["route"].endpoint):
        return
    found = await state_of(request).stores.findings()
    if found is None:
        raise Problem("unavailable")
    if found:
        raise Problem("restored")


WhileOpen = Depends(_while_open)
