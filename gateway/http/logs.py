"""One log line for each request (`vault.logs`), without paths, queries, ids, tokens or user-written text."""

from __future__ import annotations

import logging
import os
import secrets
import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.http.direct_body import lender_of
from gateway.http.failures import Problem
from vault.logs import to_standard_error
from vault.settings import PART

logger = logging.getLogger("gateway")


def configure() -> None:
    """Send every log of this process to standard error as JSON lines."""
    to_standard_error(logging.getLogger(), os.environ.get(PART))
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = name != "uvicorn.access"
    logging.getLogger("python_multipart").setLevel(logging.ERROR)


class RequestLog:
    """ASGI middleware: logs each request at its end, and turns an uncaught exception into a bare 500."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass both directions through, counting bytes."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        watch = _Watch(receive, send)
        started = time.perf_counter()
        try:
            await self.app(scope, watch.receive, watch.send)
        except Exception:
            # The last resort: logged with an id, answered without details.
            logger.exception("unhandled", extra={"fields": {"request": watch.id}})
            if watch.status is None:
                problem = Problem("failed", instance=f"urn:dossier:request:{watch.id}")
                await problem.response()(scope, receive, watch.send)
            # A started answer cannot become a 500: the server closes the connection, and the receiver sees it
            # truncated.
        finally:
            fields = {
                "request": watch.id,
                "method": scope["method"],
                "route": getattr(scope.get("route"), "path", "-"),
                "status": watch.status,
                "milliseconds": round((time.perf_counter() - started) * 1000, 1),
                "bytes_in": watch.received + lender_of(scope).received,
                "bytes_out": watch.sent,
                "complete": watch.complete,
            }
            logger.info("request", extra={"fields": fields})


class _Watch:
    """Counts the bytes of one request and its answer."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self.id = secrets.token_hex(8)
        self.status: int | None = None
        self.received = self.sent = 0
        self.complete = False
        self._receive, self._send = receive, send

    async def receive(self) -> Message:
        message = await self._receive()
        self.received += len(message.get("body", b""))
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        elif message["type"] == "http.response.body":
            self.sent += len(message.get("body", b""))
            self.complete = not message.get("more_body", False)
        await self._send(message)
