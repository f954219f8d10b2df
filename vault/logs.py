"""Log lines of every process: a JSON object a line, without anything that a person or a client wrote.

The event is the message's template, never the message: what would be filled into it may quote what came in. What may
be told goes into `extra={"fields": …}`. An exception is told by its type and the places it passed, never by its words.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from typing import Any


class JsonLines(logging.Formatter):
    """A log record as one line; `part` is what the supervisor calls this process."""

    def __init__(self, part: str | None = None) -> None:
        super().__init__()
        self._part = {} if part is None else {"part": part}

    def format(self, record: logging.LogRecord) -> str:
        """Time, level, logger, part, event, then the fields, then the exception."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            **self._part,
            "event": record.msg if isinstance(record.msg, str) else type(record.msg).__name__,
            **getattr(record, "fields", {}),
        }
        if record.exc_info and record.exc_info[1] is not None:
            line |= describe(record.exc_info[1])
        return json.dumps(line, ensure_ascii=True, separators=(",", ":"), default=_kind)


def describe(error: BaseException) -> dict[str, Any]:
    """The exception's type and the frames it passed."""
    frames = traceback.extract_tb(error.__traceback__)
    return {
        "error": f"{type(error).__module__}.{type(error).__qualname__}",
        "frames": [f"{frame.filename.rsplit('site-packages/')[-1]}:{frame.lineno} {frame.name}" for frame in frames],
    }


def to_standard_error(logger: logging.Logger, part: str | None = None) -> None:
    """Let that logger write JSON lines to standard error, from level INFO on, and nothing else."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines(part))
    logger.handlers[:] = [handler]
    logger.setLevel(logging.INFO)


def _kind(value: object) -> str:
    """A field that JSON has no form for is told by its type: a line is never lost to one."""
    return type(value).__name__
