"""Structured logs of the worker, beat and supervisor: a JSON object a line, without anything a person wrote."""

from __future__ import annotations

import json
import logging
import os
import traceback
from datetime import UTC, datetime
from typing import Any

from vault.settings import PART


class JsonLines(logging.Formatter):
    """A log record as one line; an exception is told by its type and the places it passed, never by its message."""

    def format(self, record: logging.LogRecord) -> str:
        """Time, level, logger, event, and the fields given as `extra={"fields": …}`."""
        line: dict[str, Any] = {"level": record.levelname.lower(), "logger": record.name, **part()}
        if record.exc_info and record.exc_info[1] is not None:
            error = record.exc_info[1]
            frames = traceback.extract_tb(error.__traceback__)
            line["event"] = record.msg if isinstance(record.msg, str) else "failed"
            line["error"] = f"{type(error).__module__}.{type(error).__qualname__}"
            line["frames"] = [f"{frame.filename.rsplit('site-packages/')[-1]}:{frame.lineno}" for frame in frames]
        else:
            line["event"] = record.getMessage()
        return json_line({**line, **getattr(record, "fields", {})})


def part() -> dict[str, str]:
    """What the supervisor calls this process: of several workers each has a number."""
    return {"part": os.environ[PART]} if PART in os.environ else {}


def json_line(fields: dict[str, Any]) -> str:
    """The fields with the time before them."""
    time = datetime.now(UTC).isoformat(timespec="milliseconds")
    return json.dumps({"time": time, **fields}, ensure_ascii=True, separators=(",", ":"))
