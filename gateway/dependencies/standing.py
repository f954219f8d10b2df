"""Writes and releases only while the four stores belong together; members go on reading and signing in."""

from __future__ import annotations

from fastapi import Depends
from starlette.requests import Request

from gateway.declared_codes import declares
from gateway.dependencies.state import state_of
from gateway.http.failures import Problem

_READS = frozenset({"GET", "HEAD"})
# What a receiver asks is a release, also by GET.
_RELEASES = "/api/v1/pickup/"
# Signing in and out harms nothing, lists are read, and a director ends it by her word.
_ALWAYS = frozenset(
    f"/api/v1/{each}" for each in ("session", "session/parameters", "dossiers/changes", "repairs", "restoration")
)


@declares("restored", "unavailable")
async def _while_open(request: Request) -> None:
    path = request.url.path
    if (request.method in _READS and not path.startswith(_RELEASES)) or path in _ALWAYS:
        return
    found = await state_of(request).stores.findings()
    if found is None:
        raise Problem("unavailable")
    if found:
        raise Problem("restored")


WhileOpen = Depends(_while_open)
