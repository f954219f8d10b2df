"""Records of a dossier: new ones with the index that lists them, and those that are there."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from gateway.wire.fields import LARGE_ENVELOPE, MIB, AnyEnvelope, Body, Hash, RequestBody, Signed, Text
from gateway.wire.pages import next_after
from vault.domain.dossiers import RecordState
from vault.flows.dossiers import sealing, showing
from vault.records.encoding import RecordError
from vault.records.envelope import Envelope, from_json
from vault.records.table import versioned

ADDED = list(versioned())


def _added(value: str) -> str:
    if value not in ADDED:
        raise PydanticCustomError("type", "must be a type of which a dossier has versions")
    return value


AddedKind = Annotated[str, AfterValidator(_added), WithJsonSchema({"type": "string", "enum": ADDED})]


class NewRecord(Body):
    """A signed record with its encrypted text, where its type has one."""

    type: AddedKind
    record: AnyEnvelope
    text: Text | None = None

    @model_validator(mode="before")
    @classmethod
    def _read_envelope(cls, value: Any) -> Any:
        """Read the envelope as the type given beside it."""
        if not isinstance(value, dict) or value.get("type") not in ADDED:
            return value
        if not isinstance(value.get("record"), dict):
            raise RecordError("an envelope is an object")
        return {**value, "record": from_json(value["record"], value["type"])}

    def to_flow(self) -> sealing.NewRecord:
        """As the flows take it."""
        return sealing.NewRecord(self.record, self.text)


class RecordPart(StrEnum):
    """What of a record is damaged: its signed bytes, its text, or the server's key to that."""

    RECORD = "record"
    TEXT = "text"
    KEY = "key"


class ListedRecord(Body):
    """A record of a dossier and its state; what is damaged of it is named and null."""

    hash: Hash
    type: str
    record: AnyEnvelope | None
    text: Text | None
    state: RecordState
    damaged: list[RecordPart]

    @classmethod
    def of(cls, view: showing.RecordView) -> Self:
        """As its readers get it."""
        return cls(
            hash=view.hash,
            type=view.kind,
            record=view.envelope,
            text=view.text,
            state=view.state,
            damaged=[RecordPart(part) for part in view.damaged],
        )


class Records(Body):
    """A page of records, by hash."""

    items: list[ListedRecord]
    next: str | None

    @classmethod
    def page(cls, views: Sequence[showing.RecordView], limit: int) -> Self:
        """A page of at most `limit`."""
        last = next_after(views, limit)
        return cls(items=[ListedRecord.of(view) for view in views], next=None if last is None else last.hash)


class NewRecords(RequestBody):
    """Records together with the index that lists them."""

    limit = LARGE_ENVELOPE + 8 * MIB
    records: Annotated[list[NewRecord], Field(max_length=100, fail_fast=True)]
    index: Annotated[Envelope, Signed("index")]

    def to_flow(self) -> tuple[sealing.NewRecord, ...]:
        """The records as the flows take them."""
        return tuple(new.to_flow() for new in self.records)
