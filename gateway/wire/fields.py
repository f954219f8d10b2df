"""The forms of single values: bytes as base64url, envelopes, ids, hashes, instants."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, ClassVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainSerializer,
    WithJsonSchema,
)
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from vault.records.encoding import RecordError, format_instant, from_base64url, parse_instant, size_of, to_base64url
from vault.records.envelope import Envelope, from_json
from vault.records.table import LARGE, SMALL

_FOUR, _TWO, _THREE = "[A-Za-z0-9_-]{4}", "[A-Za-z0-9_-][AQgw]", "[A-Za-z0-9_-]{2}[AEIMQUYcgkosw048]"
KIB, MIB = 1024, 1024 * 1024
# An envelope is base64 within JSON: a third larger than its record, plus the signatures.
LARGE_ENVELOPE = LARGE * 4 // 3 + 8 * KIB
SMALL_ENVELOPE = SMALL * 4 // 3 + 8 * KIB


def at_most(limit: int) -> Callable[[str], str]:
    """A check that a text has at most `limit` bytes of UTF-8, which no JSON schema can say."""

    def check(value: str) -> str:
        if size_of(value) > limit:
            raise PydanticCustomError("length", "has the wrong length")
        return value

    return check


def one_line(value: str) -> str:
    """A check that a text has no control characters, and no others that end a line."""
    if any(unicodedata.category(each) in {"Cc", "Cs", "Zl", "Zp"} for each in value):
        raise PydanticCustomError("one_line", "is not one line")
    return value


HEX_ID, HEX_HASH = r"^[0-9a-f]{32}$", r"^[0-9a-f]{64}$"
Id = Annotated[str, Field(pattern=HEX_ID, description="16 random bytes in hex")]
Hash = Annotated[str, Field(pattern=HEX_HASH, description="SHA-256 in hex")]
Word = Annotated[str, Field(pattern=r"^[a-z0-9_]{1,32}$", description="a word of an open set, as it was signed")]
Email = Annotated[str, Field(min_length=3, max_length=254), AfterValidator(at_most(254))]
Code = Annotated[str, Field(pattern=r"^[0-9]{6}$", description="one-time code")]
Count = Annotated[int, Field(ge=0, le=2**53 - 1)]
Instant = Annotated[
    datetime,
    PlainSerializer(format_instant, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]


def _given(value: Any) -> Any:
    """The instant that a client spelled, as records spell it."""
    try:
        return parse_instant(value) if isinstance(value, str) else value
    except RecordError:
        raise PydanticCustomError("instant", "must be an instant, as 2026-12-04T16:00:00Z") from None


GivenInstant = Annotated[
    datetime,
    BeforeValidator(_given),
    PlainSerializer(format_instant, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time", "pattern": "^[0-9T:-]{19}Z$"}),
]


def base64url_pattern(least: int, most: int | None) -> str:
    """Unpadded, canonical base64url of so many bytes: the unused bits of a last, shorter group are zero."""
    whole, left = divmod(least, 3)
    if least == most:
        return f"^(?:{_FOUR}){{{whole}}}{('', _TWO, _THREE)[left]}$"
    return f"^(?:{_FOUR}){{{whole},}}(?:{_TWO}|{_THREE})?$"


COMPONENT = "x-component"
_BYTES = {"type": "string", "contentEncoding": "base64url", "pattern": base64url_pattern(0, None)}
_SIGNATURE = {
    "type": "object",
    "required": ["alg", "signer", "sig"],
    "properties": {
        "alg": {"type": "string", "minLength": 1, "maxLength": 32},
        "signer": {"type": "string", "minLength": 1, "maxLength": 100},
        "sig": _BYTES,
    },
}
ENVELOPE = {
    "type": "object",
    "description": "FORMAT.md, section 3: a record's exact bytes in base64url, and signatures",
    "required": ["record", "signatures"],
    "properties": {
        "record": _BYTES,
        "signatures": {"type": "array", "minItems": 1, "maxItems": 8, "items": _SIGNATURE},
    },
}


class Body(BaseModel):
    """A JSON object with exactly these members."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class RequestBody(Body):
    """A JSON object that a route takes, of at most `limit` bytes."""

    limit: ClassVar[int]


@dataclass(frozen=True, slots=True)
class Base64:
    """Bytes as unpadded, canonical base64url; `least` to `most` of them."""

    least: int
    most: int

    def __get_pydantic_core_schema__(self, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        """The schema between text and bytes."""
        return core_schema.no_info_plain_validator_function(
            self._read,
            serialization=core_schema.plain_serializer_function_ser_schema(to_base64url, when_used="json"),
        )

    def __get_pydantic_json_schema__(self, _schema: CoreSchema, _handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """A string of the base64url alphabet."""
        return {
            "type": "string",
            "contentEncoding": "base64url",
            "pattern": base64url_pattern(self.least, self.most),
            "minLength": -(-self.least * 4 // 3),
            "maxLength": -(-self.most * 4 // 3),
        }

    def _read(self, value: Any) -> bytes:
        if isinstance(value, bytes):
            return value
        if not isinstance(value, str) or len(value) > -(-self.most * 4 // 3):
            raise PydanticCustomError("base64url", "must be base64url")
        try:
            raw = from_base64url(value)
        except RecordError:
            raise PydanticCustomError("base64url", "must be base64url") from None
        if not self.least <= len(raw) <= self.most:
            raise PydanticCustomError("length", "has the wrong length")
        return raw


@dataclass(frozen=True, slots=True)
class Signed:
    """An envelope holding a record of this type."""

    kind: str

    def __get_pydantic_core_schema__(self, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        """The schema: `vault.records.envelope` reads it, and its RecordError passes through."""
        return core_schema.no_info_plain_validator_function(
            self._read,
            serialization=core_schema.plain_serializer_function_ser_schema(Envelope.to_json, when_used="json"),
        )

    def __get_pydantic_json_schema__(self, _schema: CoreSchema, _handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """A marker; `gateway.openapi` replaces it by a reference to ENVELOPE, which pydantic cannot write itself."""
        return {COMPONENT: "Envelope", "description": f"an envelope of type {self.kind}"}

    def _read(self, value: Any) -> Envelope:
        if isinstance(value, Envelope):
            return value
        if not isinstance(value, dict):
            raise RecordError("an envelope is an object")
        if self.kind == "any":
            raise RecordError("an envelope's type must be known")
        return from_json(value, self.kind)


AnyEnvelope = Annotated[Envelope, Signed("any")]
Secret = Annotated[bytes, Base64(32, 32)]
Salt = Annotated[bytes, Base64(16, 16)]
Keyring = Annotated[bytes, Base64(1, 16_384)]
Text = Annotated[bytes, Base64(1, 16_448)]
Box = Annotated[bytes, Base64(1, 4_096)]
