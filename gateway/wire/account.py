"""A member's own account, and what a director may give back to her."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Self

from pydantic import Field

from gateway.wire.fields import KIB, Body, Count, Id, Instant, RequestBody, Secret
from gateway.wire.people import Proof
from vault.domain.people import FormerRow
from vault.flows.people import account as flow
from vault.flows.people.devices import SignedInDevice
from vault.records.encoding import parse_instant


class SignedInOn(Body):
    """A device with a live session. `place` is the network it was signed in from, coarse; empty if unknown."""

    id: Id
    name: str
    place: str
    since: Instant
    last_use: Instant
    this: bool

    @classmethod
    def of(cls, device: SignedInDevice) -> Self:
        """As the flow shows it."""
        return cls(
            id=device.id,
            name=device.name,
            place=device.place,
            since=device.since,
            last_use=device.last_use,
            this=device.this,
        )


class Account(Body):
    """When password and second factor last changed, how many recovery codes are left, the signed-in devices."""

    password_at: Instant | None
    factor_at: Instant | None
    codes: Count
    devices: list[SignedInOn]

    @classmethod
    def of(cls, found: flow.Account) -> Self:
        """As the flow shows it."""
        devices = [SignedInOn.of(each) for each in found.devices]
        return cls(password_at=found.password_at, factor_at=found.factor_at, codes=found.codes, devices=devices)


class EndDevices(RequestBody):
    """The device whose session ends, or null for all, this one too; with the password's login secret.

    `member`: all sessions of that member, by a director.
    """

    limit = 8 * KIB
    device: Id | None = None
    member: Id | None = None
    login: Secret


class Former(Body):
    """A change that can be undone: its time, and when what it replaced had been chosen."""

    at: Instant
    password_at: Instant | None
    factor_at: Instant | None


class Formers(Body):
    """What can be given back to a member, the oldest change first."""

    items: list[Former]

    @classmethod
    def of(cls, rows: Sequence[FormerRow]) -> Self:
        """Without anything secret."""
        items = [Former(at=row.at, password_at=row.password_at, factor_at=row.factor_at) for row in rows]
        return cls(items=items)


class GiveBack(RequestBody):
    """The change that is undone, by its time, and the director's own factors."""

    limit = 8 * KIB
    at: Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$")]
    proof: Proof

    @property
    def moment(self) -> datetime:
        """The time; raises RecordError for none, such as 30 February."""
        return parse_instant(self.at)
