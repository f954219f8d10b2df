"""Dossiers, wraps, records, indexes."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from gateway.wire.fields import AnyEnvelope, Body, Box, Count, Hash, Id, Signed, Text
from vault.records.encoding import RecordError
from vault.records.envelope import Envelope, from_json

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
AddedKind = Literal["profile", "trajectory"]
_ADDED = ("profile", "trajectory")


class NewWrap(Body):
    """A dossier's identity for one grantee; `symmetric` is the caller's own quick one."""

    member: Id
    wrap: Box
    symmetric: Box | None = None


class NewRecord(Body):
    """A signed record with its encrypted text, where its type has one."""

    type: AddedKind
    record: AnyEnvelope
    text: Text | None = None

    @model_validator(mode="before")
    @classmethod
    def _read_envelope(cls, value: Any) -> Any:
        """The envelope is read as the type that stands beside it."""
        if not isinstance(value, dict) or value.get("type") not in _ADDED:
            return value
        if not isinstance(value.get("record"), dict):
            raise RecordError("an envelope is an object")
        return {**value, "record": from_json(value["record"], value["type"])}


class NewDossier(Body):
    """Everything a dossier begins with."""

    dossier: Annotated[Envelope, Signed("dossier")]
    wraps: Annotated[list[NewWrap], Field(min_length=1, max_length=1000)]
    records: Annotated[list[NewRecord], Field(min_length=2, max_length=2)]
    index: Annotated[Envelope, Signed("index")]


class Opened(Body):
    """The dossier's id."""

    dossier: Id


class Profile(Body):
    """The current profile: signed record and encrypted text."""

    record: Annotated[Envelope, Signed("profile")]
    text: Text


class Retention(Body):
    """The day on which the dossier is destroyed, in Europe/Amsterdam; null while a trajectory runs."""

    destroy_on: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")] | None

    @classmethod
    def at(cls, instant: datetime | None) -> Self:
        """From the instant the clock of retention runs out."""
        return cls(destroy_on=None if instant is None else instant.astimezone(AMSTERDAM).date().isoformat())


class ListedDossier(Body):
    """A dossier in the caller's list, with her wrap."""

    dossier: Id
    epoch: int
    kind: Literal["client", "commissioner"]
    head: Annotated[Envelope, Signed("dossier")]
    wrap: Box
    symmetric: Box | None
    profile: Profile
    sequence: int
    index: Hash
    retention: Retention


class Dossiers(Body):
    """A page of the caller's dossiers, by id."""

    items: list[ListedDossier]
    next: str | None


class WholeDossier(Body):
    """A dossier with all heads, ascending, and the newest index."""

    dossier: Id
    kind: Literal["client", "commissioner"]
    heads: list[Annotated[Envelope, Signed("dossier")]]
    index: Annotated[Envelope, Signed("index")]
    sequence: int
    wrap: Box
    symmetric: Box | None
    epoch: int
    profile: Profile
    retention: Retention


class SymmetricWrap(Body):
    """The caller's own symmetric wrap of a dossier."""

    dossier: Id
    epoch: Count
    symmetric: Box


class SymmetricWraps(Body):
    """A batch."""

    items: Annotated[list[SymmetricWrap], Field(max_length=500)]


class Updated(Body):
    """How many fitted a wrap the caller has."""

    updated: int


class ListedRecord(Body):
    """A record of a dossier and where it stands."""

    hash: Hash
    type: str
    record: AnyEnvelope
    text: Text | None
    state: Literal["pending", "current", "retired"]


class Records(Body):
    """A page of records, by hash."""

    items: list[ListedRecord]
    next: str | None


class NewRecords(Body):
    """Records together with the index that lists them."""

    records: Annotated[list[NewRecord], Field(max_length=100)]
    index: Annotated[Envelope, Signed("index")]


class NewIndex(Body):
    """The next index."""

    index: Annotated[Envelope, Signed("index")]


class Advanced(Body):
    """The index now in force."""

    sequence: int
    index: Hash
