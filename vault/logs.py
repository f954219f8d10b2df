"""Log lines of every process: a JSON object a line, without any text that a person or a client wrote.

The event is the message's template, never the message: its arguments may quote a request. Facts that are safe to log go
into `extra={"fields": …}`. An exception is logged by its type and its frames, never by its text; one among the
arguments by its type.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from typing import Any


class JsonLines(logging.Formatter):
    """A log record as one line; `part` is the supervisor's name for this process."""

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
        if causes := _causes(record.args):
            line["because"] = causes
        if record.exc_info and record.exc_info[1] is not None:
            line |= describe(record.exc_info[1])
        return json.dumps(line, ensure_ascii=True, separators=(",", ":"), default=_kind)


def describe(error: BaseException) -> dict[str, Any]:
    """The exception's type and its frames."""
    frames = traceback.extract_tb(error.__traceback__)
    return {
        "error": f"{type(error).__module__}.{type(error).__qualname__}",
        "frames": [f"{frame.filename.rsplit('site-packages/')[-1]}:{frame.lineno} {frame.name}" for frame in frames],
    }


def _causes(arguments: object) -> list[str]:
    """The types of the exceptions among a message's arguments: libraries say so why they try again."""
    if not isinstance(arguments, tuple):
        return []
    return [type(argument).__qualname__ for argument in arguments if isinstance(argument, BaseException)]


def to_standard_error(logger: logging.Logger, part: str | None = None) -> None:
    """Let that logger write JSON lines to standard error, from level INFO on, and nowhere else."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines(part))
    logger.handlers[:] = [handler]
    logger.setLevel(logging.INFO)


def _kind(value: object) -> str:
    """A field that JSON cannot express is logged as its type's name, so that the line is not lost."""
    return type(value).__name__
