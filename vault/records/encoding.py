"""Basic encodings of every record: strict JSON, ids, hashes, bytes, instants, length prefixes (FORMAT.md "Basics")."""

from __future__ import annotations

import base64
import binascii
import json
import re
import secrets
import unicodedata
from datetime import UTC, date, datetime
from typing import Any, NoReturn

from vault.errors import InvalidInputError

MAX_INTEGER = 2**53 - 1
MAX_DEPTH = 16
# The years of every instant and day. After adding a term or a zone's offset the date is still representable.
FIRST_YEAR, LAST_YEAR = 1900, 2999
_BASE64URL = re.compile(r"[A-Za-z0-9_-]*\Z")
_LONGEST_INTEGER = len(str(-MAX_INTEGER))
# Translates JSON outside strings: each character of a number or word becomes a list, each object a list.
_SCALARS = b"-+.0123456789abcdefghijklmnopqrstuvwxyzEIN"
_SHAPE = bytes.maketrans(b"{}" + _SCALARS, b"[]" + b"0" * len(_SCALARS))
_BETWEEN = bytes(set(range(256)) - set(b"{}[]" + _SCALARS))
# Matches JSON whose escapes contain neither NUL nor a lone surrogate. Raw UTF-8 cannot contain surrogates.
_HIGH, _LOW = rb"u[dD][89abAB][0-9a-fA-F]{2}", rb"u[dD][c-fC-F][0-9a-fA-F]{2}"
_OTHER = rb"[^u]|u(?!0000|[dD][89a-fA-F])"
_ESCAPES = re.compile(rb"[^\\]*+(?:\\(?:" + _OTHER + rb"|" + _HIGH + rb"\\" + _LOW + rb")[^\\]*+)*+", re.DOTALL)
# What is white space is listed: programming languages differ in it.
_BLANKS = "\t\n\v\f\r \x85\u2028\u2029"
# A grammar, not a library of dates: those know leap seconds, 24:00, weeks, offsets and digits of other scripts.
_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})\Z")
_INSTANT = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})Z\Z")


class RecordError(InvalidInputError):
    """A record's bytes break the format; nothing of it is used."""

    code = "record_invalid"


def new_id() -> str:
    """Sixteen random bytes as 32 lower-case hex digits."""
    return secrets.token_hex(16)


def fold_address(email: str) -> str:
    """The one spelling of an e-mail address that keys and look-ups are derived from."""
    return unicodedata.normalize("NFKC", email).strip(_BLANKS).lower()


def lp(*parts: bytes) -> bytes:
    """The parts, each prefixed by its length as an unsigned 32-bit big-endian number."""
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def to_base64url(raw: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def from_base64url(text: str) -> bytes:
    """The inverse of `to_base64url`; raises RecordError unless `text` is the one canonical encoding."""
    if not _BASE64URL.match(text):
        raise RecordError("not unpadded base64url")
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error as error:
        raise RecordError("not unpadded base64url") from error
    if to_base64url(raw) != text:
        raise RecordError("base64url is not canonical")
    return raw


def size_of(text: str) -> int:
    """The bytes of a text in UTF-8, by which its limit counts; what is no text counts too, and is refused elsewhere."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def format_instant(at: datetime) -> str:
    """`YYYY-MM-DDTHH:MM:SSZ`; `at` must know its zone."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_instant(text: str) -> datetime:
    """The instant in UTC; raises RecordError for another spelling than `format_instant`'s, or a year out of range."""
    parts = _INSTANT.match(text)
    if parts is None:
        raise RecordError("not an instant of the form YYYY-MM-DDTHH:MM:SSZ")
    year, month, day, hour, minute, second = map(int, parts.groups())
    try:
        at = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError as error:
        raise RecordError("no such instant") from error
    check_year(at)
    return at


def parse_day(text: str) -> date:
    """The day written `YYYY-MM-DD`; raises RecordError for another spelling, no such day, or another age."""
    parts = _DAY.match(text)
    if parts is None:
        raise RecordError("not a day of the form YYYY-MM-DD")
    try:
        found = date(*map(int, parts.groups()))
    except ValueError as error:
        raise RecordError("no such day") from error
    check_year(found)
    return found


def check_year(at: date) -> None:
    """Raise RecordError for a day or instant outside the allowed years."""
    if not FIRST_YEAR <= at.year <= LAST_YEAR:
        raise RecordError(f"a year must lie from {FIRST_YEAR} to {LAST_YEAR}")


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
