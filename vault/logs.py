"""Log lines of every process: a JSON object a line, without any text that a person or a client wrote.

The event is the message's template. Of its arguments numbers are filled in, and exceptions by their type; any text
becomes `…`, because it may quote a request. Facts that are safe to log go into `extra={"fields": …}`. An exception is
logged by its type and its frames, never by its text.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import traceback
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

# What the operator `%` fills in: its name in parentheses, flags, width, precision, and the letter of the conversion.
_BLANK = re.compile(r"%(?:\((?P<name>[^)]*)\))?[#0 +-]*(?:\d+)?(?:\.\d+)?[hlL]?(?P<letter>[a-zA-Z%])")
WITHHELD = "…"


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
            "event": _event(record.msg, record.args),
            **getattr(record, "fields", {}),
        }
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


def _event(message: object, arguments: object) -> str:
    """The template with what is safe to tell of its arguments; a message that is no text by its type."""
    if not isinstance(message, str):
        return type(message).__name__
    if not arguments:
        return message
    named: Mapping[str, object] = arguments if isinstance(arguments, Mapping) else {}
    following: Iterator[object] = iter(arguments if isinstance(arguments, tuple) else ())

    def fill(blank: re.Match[str]) -> str:
        if blank["letter"] == "%":
            return "%"
        return _told(next(following, WITHHELD) if blank["name"] is None else named.get(blank["name"], WITHHELD))

    return _BLANK.sub(fill, message)


def _told(argument: object) -> str:
    if isinstance(argument, BaseException):
        return type(argument).__qualname__
    return str(argument) if type(argument) in {int, float, bool} else WITHHELD


def to_standard_error(logger: logging.Logger, part: str | None = None) -> None:
    """Let that logger write JSON lines to standard error, from level INFO on, and nowhere else."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines(part))
    logger.handlers[:] = [handler]
    logger.setLevel(logging.INFO)


def _kind(value: object) -> str:
    """A field that JSON cannot express is logged as its type's name, so that the line is not lost."""
    return type(value).__name__
