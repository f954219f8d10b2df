"""The one cookie that is ours: all others are taken away before anything reads them.

FastAPI reads the cookies of every request, whether a route has any or not, and the standard library undoes escapes in
them, before Python 3.11.10 in the square of their number: a header of 60 KB held up everybody for eight seconds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from starlette.types import ASGIApp, Receive, Scope, Send

_HEADER = b"cookie"
_TOKEN = re.compile(r"[A-Za-z0-9_-]{16,128}\Z")  # ours has no escapes


def own_cookie(lines: Iterable[str], name: str) -> str | None:
    """The token in the cookie of that name, as it was sent; None where there is none, a malformed one, or several."""
    pairs = (pair.strip(" \t").partition("=") for line in lines for pair in line.split(";"))
    values = [value for key, _, value in pairs if key == name]
    return values[0] if len(values) == 1 and _TOKEN.match(values[0]) else None


class OwnCookie:
    """ASGI middleware: of the request's cookies it leaves the one that `own_cookie` finds."""

    def __init__(self, app: ASGIApp, *, name: str) -> None:
        self.app = app
        self._name = name

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through with that cookie, or with none."""
        if scope["type"] == "http" and any(name == _HEADER for name, _ in scope["headers"]):
            lines = [value.decode("latin-1") for name, value in scope["headers"] if name == _HEADER]
            token = own_cookie(lines, self._name)
            kept = [] if token is None else [(_HEADER, f"{self._name}={token}".encode())]
            scope["headers"] = [header for header in scope["headers"] if header[0] != _HEADER] + kept
        await self.app(scope, receive, send)
