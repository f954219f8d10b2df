"""Structured logs: one JSON line a request, without paths, queries, ids, tokens or anything a person wrote.

An exception is told by its type and the places it passed, never by its message, which may quote what came in.
"""

from __future__ import annotations

import json
import logging
import os
import secrets
import sys
import time
import traceback
from datetime import UTC, datetime
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.http.failures import Problem
from vault.settings import PART

logger = logging.getLogger("gateway")


class JsonLines(logging.Formatter):
    """A log record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Time, level, logger, event, and the fields given as `extra={"fields": …}`."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            **({"part": os.environ[PART]} if PART in os.environ else {}),
            "event": record.msg if isinstance(record.msg, str) else type(record.msg).__name__,
            **getattr(record, "fields", {}),
        }
        if record.name.startswith("uvicorn") and not record.exc_info:
            line["event"] = record.getMessage()
        if record.exc_info and record.exc_info[1] is not None:
            line |= describe(record.exc_info[1])
        return json.dumps(line, ensure_ascii=True, separators=(",", ":"))


def describe(error: BaseException) -> dict[str, Any]:
    """The exception's type and the frames it passed."""
    frames = traceback.extract_tb(error.__traceback__)
    return {
        "error": f"{type(error).__module__}.{type(error).__qualname__}",
        "frames": [f"{frame.filename.rsplit('site-packages/')[-1]}:{frame.lineno} {frame.name}" for frame in frames],
    }


def configure(level: int = logging.INFO) -> None:
    """Send every log of this process to standard error as JSON lines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = name != "uvicorn.access"
    logging.getLogger("python_multipart").setLevel(logging.ERROR)


class RequestLog:
    """ASGI middleware: logs each request when it is over, and turns what nobody caught into a bare 500."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Watch what comes in and goes out; only amounts are kept."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        watch = _Watch(receive, send)
        started = time.perf_counter()
        try:
            await self.app(scope, watch.receive, watch.send)
        except Exception:
            # The last net: logged by id, answered without details.
            logger.exception("unhandled", extra={"fields": {"request": watch.id}})
            if watch.status is None:
                problem = Problem("failed", instance=f"urn:dossier:request:{watch.id}")
                await problem.response()(scope, receive, watch.send)
            # An answer under way ends here: the server closes the connection and the receiver sees it cut short.
        finally:
            fields = {
                "request": watch.id,
                "method": scope["method"],
                "route": getattr(scope.get("route"), "path", "-"),
                "status": watch.status,
                "milliseconds": round((time.perf_counter() - started) * 1000, 1),
                "bytes_in": watch.received,
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
