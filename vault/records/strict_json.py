"""Strict JSON: one spelling is written, and what two readers could read differently is refused (FORMAT.md "Basics")."""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

from vault.records.encoding import RecordError

MAX_INTEGER = 2**53 - 1
MAX_DEPTH = 16
_LONGEST_INTEGER = len(str(-MAX_INTEGER))
# Translates JSON outside strings: each character of a number or word becomes a list, each object a list.
_SCALARS = b"-+.0123456789abcdefghijklmnopqrstuvwxyzEIN"
_SHAPE = bytes.maketrans(b"{}" + _SCALARS, b"[]" + b"0" * len(_SCALARS))
_BETWEEN = bytes(set(range(256)) - set(b"{}[]" + _SCALARS))
# Matches JSON whose escapes contain neither NUL nor a lone surrogate. Raw UTF-8 cannot contain surrogates.
_HIGH, _LOW = rb"u[dD][89abAB][0-9a-fA-F]{2}", rb"u[dD][c-fC-F][0-9a-fA-F]{2}"
_OTHER = rb"[^u]|u(?!0000|[dD][89a-fA-F])"
_ESCAPES = re.compile(rb"[^\\]*+(?:\\(?:" + _OTHER + rb"|" + _HIGH + rb"\\" + _LOW + rb")[^\\]*+)*+", re.DOTALL)


def dump(fields: dict[str, Any]) -> bytes:
    """The bytes of a new record, for its writer only: received bytes are kept, never serialised again."""
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode("utf-8")


def parse_object(raw: bytes, *, limit: int) -> dict[str, Any]:
    """A JSON object from at most `limit` bytes of UTF-8.

    Raises RecordError for duplicate keys, floats, integers beyond 2^53-1, a zero with a sign, lone surrogates, NUL
    characters, a value more than 16 levels below the object and anything that is not one object.
    """
    if len(raw) > limit:
        raise RecordError(f"larger than {limit} bytes")
    _check_depth(raw)
    try:
        value = json.loads(
            raw.decode("utf-8"),
            object_pairs_hook=_unique,
            parse_float=_no_float,
            parse_int=_bounded,
            parse_constant=_no_float,
        )
    except UnicodeDecodeError as error:
        raise RecordError("not UTF-8") from error
    except json.JSONDecodeError as error:
        raise RecordError(f"not JSON: {error.msg} at {error.pos}") from error
    if not isinstance(value, dict):
        raise RecordError("not a JSON object")
    if b"\\u" in raw and not _ESCAPES.fullmatch(raw):
        raise RecordError("a text holds a lone surrogate or NUL")
    return value


def _check_depth(raw: bytes) -> None:
    """Refuse too deep nesting before parsing; invalid JSON is left to the parser.

    Every scalar becomes an empty list, every object a list: then each round removes the innermost level. These are
    passes of C code over the bytes, not loops over characters; most texts have too few brackets to need them.
    """
    if raw.count(b"[") + raw.count(b"{") <= MAX_DEPTH:
        return
    outside = raw.replace(b"\\\\", b"").replace(b'\\"', b"").split(b'"')[::2]
    levels = b"0".join(outside).translate(_SHAPE, _BETWEEN).replace(b"0", b"[]")
    for _ in range(MAX_DEPTH + 1):
        levels = levels.replace(b"[]", b"")
    if levels.startswith(b"["):
        raise RecordError("nested too deeply")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise RecordError("a key stands twice")
    return fields


def _no_float(_: str) -> NoReturn:
    raise RecordError("only whole numbers are allowed")


def _bounded(digits: str) -> int:
    if digits == "-0":
        raise RecordError("a zero has a sign")
    if len(digits) > _LONGEST_INTEGER or abs(number := int(digits)) > MAX_INTEGER:
        raise RecordError("a number is beyond 2^53-1")
    return number
