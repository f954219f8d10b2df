"""The basic encodings of every record: ids, addresses, bytes, instants, length prefixes (FORMAT.md "Basics")."""

from __future__ import annotations

import base64
import binascii
import re
import secrets
import unicodedata
from datetime import UTC, date, datetime

from vault.errors import InvalidInputError

# The years of every instant and day. After adding a term or a zone's offset the date is still representable.
FIRST_YEAR, LAST_YEAR = 1900, 2999
_BASE64URL = re.compile(r"[A-Za-z0-9_-]*\Z")
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
