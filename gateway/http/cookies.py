"""The session cookie; all other cookies are removed before anything parses them.

FastAPI parses the cookies of every request, also for routes without any. The standard library unescapes them, before
Python 3.11.10 in quadratic time: a header of 60 KB blocked the process for eight seconds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from starlette.types import ASGIApp, Receive, Scope, Send

_HEADER = b"cookie"
_TOKEN = re.compile(r"[A-Za-z0-9_-]{16,128}\Z")  # ours has no escapes


def own_cookie(lines: Iterable[str], name: str) -> str | None:
    """The value of the cookie of that name; None when it is absent, malformed, or sent more than once."""
    pairs = (pair.strip(" \t").partition("=") for line in lines for pair in line.split(";"))
    values = [value for key, _, value in pairs if key == name]
    return values[0] if len(values) == 1 and _TOKEN.match(values[0]) else None


class OwnCookie:
    """ASGI middleware: keeps only the cookie found by `own_cookie`."""

    def __init__(self, app: ASGIApp, *, name: str) -> None:
        self.app = app
        self._name = name

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with that cookie, or without any."""
        if scope["type"] == "http" and any(name == _HEADER for name, _ in scope["headers"]):
            lines = [value.decode("latin-1") for name, value in scope["headers"] if name == _HEADER]
            token = own_cookie(lines, self._name)
            kept = [] if token is None else [(_HEADER, f"{self._name}={token}".encode())]
            scope["headers"] = [header for header in scope["headers"] if header[0] != _HEADER] + kept
        await self.app(scope, receive, send)
