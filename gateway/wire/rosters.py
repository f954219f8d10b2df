"""Rosters, policies, and the details of the members that a roster names."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field

from gateway.wire.audit import Checkpoints
from gateway.wire.fields import (
    LARGE_ENVELOPE,
    MIB,
    SMALL_ENVELOPE,
    Body,
    Count,
    Email,
    Hash,
    Id,
    Instant,
    Keyring,
    RequestBody,
    Salt,
    Secret,
    Signed,
    at_most,
)
from gateway.wire.pages import PAGE, next_number
from vault.flows.context import ChainPage
from vault.flows.people import rosters as people
from vault.flows.people.members import Details
from vault.flows.positions import restoring
from vault.records.envelope import Envelope


class MemberDetails(Body):
    """A member's details, sealed by the server."""

    id: Id
    name: Annotated[str, Field(min_length=1, max_length=200), AfterValidator(at_most(200))]
    email: Email
    recipient: Annotated[str, Field(min_length=1, max_length=4000), AfterValidator(at_most(4000))]
    salt: Salt

    @classmethod
    def of(cls, details: Details) -> Self:
        """As it is kept."""
        return cls(
            id=details.id, name=details.name, email=details.email, recipient=details.recipient, salt=details.salt
        )

    def to_flow(self) -> Details:
        """As the flows take it."""
        return Details(self.id, self.name, self.email, self.recipient, self.salt)


class Member(Body):
    """A member; `details` is null where they are damaged, `devices` and `seen_at` for anybody but a director."""

    id: Id
    details: MemberDetails | None
    devices: Count | None
    seen_at: Instant | None


class Members(Body):
    """Everybody in the roster, those who have left too, by id."""

    items: list[Member]

    @classmethod
    def of(cls, found: list[people.Listed]) -> Self:
        """As they are kept."""
        return cls(items=[_member(each) for each in found])


class Rosters(Body):
    """Rosters, ascending."""

    items: list[Annotated[Envelope, Signed("roster")]]
    next: int | None

    @classmethod
    def page(cls, items: list[Envelope]) -> Self:
        """A page of at most 500."""
        return cls(items=items, next=next_number(items, PAGE, "version"))


class NewSheet(Body):
    """The login secret of a new recovery sheet, and the caller's own lock for it."""

    login: Secret
    lock: Keyring

    def to_flow(self) -> people.NewSheet:
        """As the flows take it."""
        return people.NewSheet(self.login, self.lock)


class NewRoster(RequestBody):
    """The next roster with the details of every member who is added or has another card.

    `sheet` comes exactly where the roster states another recovery sheet, `invitation` where it adds whoever joined by
    one: it must wait still.
    """

    limit = LARGE_ENVELOPE + 4 * MIB
    roster: Annotated[Envelope, Signed("roster")]
    members: Annotated[list[MemberDetails], Field(max_length=1000, fail_fast=True)]
    sheet: NewSheet | None = None
    invitation: Id | None = None


class Policies(Body):
    """Policies, ascending."""

    items: list[Annotated[Envelope, Signed("policy")]]
    next: int | None

    @classmethod
    def page(cls, items: list[Envelope]) -> Self:
        """A page of at most 500."""
        return cls(items=items, next=next_number(items, PAGE, "version"))


class Ledger(Body):
    """Tombstones without their evidence, ascending."""

    items: list[Annotated[Envelope, Signed("tombstone")]]
    next: int | None

    @classmethod
    def page(cls, chain: ChainPage) -> Self:
        """A page; what is damaged is left out of it."""
        return cls(items=list(chain.items), next=chain.next)


class Repairs(Body):
    """The newest repairs, ascending."""

    items: list[Annotated[Envelope, Signed("repair")]]


class NewRepair(RequestBody):
    """A director's repair."""

    limit = SMALL_ENVELOPE
    repair: Annotated[Envelope, Signed("repair")]


class PutBackStore(Body):
    """A store that was put back: the position it has, and the one that others had seen."""

    store: Literal["records", "keystore", "objects"]
    has: int
    seen: int


class RestorationState(Body):
    """What a director is asked to accept, and up to 500 names of objects that are kept for her."""

    stores: list[PutBackStore]
    kept: list[str]

    @classmethod
    def of(cls, state: restoring.PutBackState) -> Self:
        """As it was found."""
        stores = [PutBackStore(store=each.store, has=each.has, seen=each.seen) for each in state.stores]  # type: ignore[arg-type]
        return cls(stores=stores, kept=list(state.kept))


class NewRestoration(RequestBody):
    """A director's restoration."""

    limit = SMALL_ENVELOPE
    restoration: Annotated[Envelope, Signed("restoration")]


class Kept(Body):
    """The record that was kept."""

    hash: Hash


class Chains(Body):
    """Every chain of the practice, and the repairs."""

    rosters: Rosters
    policies: Policies
    ledger: Ledger
    checkpoints: Checkpoints
    repairs: Repairs

    @classmethod
    def of(cls, chains: dict[str, ChainPage]) -> Self:
        """A page of each."""
        return cls(
            rosters=Rosters.page(list(chains["roster"].items)),
            policies=Policies.page(list(chains["policy"].items)),
            ledger=Ledger.page(chains["tombstone"]),
            checkpoints=Checkpoints.page(chains["checkpoint"]),
            repairs=Repairs(items=list(chains["repair"].items)),
        )


class NewPolicy(RequestBody):
    """The next policy."""

    limit = SMALL_ENVELOPE
    policy: Annotated[Envelope, Signed("policy")]


class Accepted(Body):
    """The version now in force."""

    version: int
    hash: Hash


def _member(found: people.Listed) -> Member:
    known = None if found.details is None else MemberDetails.of(found.details)
    return Member(id=found.id, details=known, devices=found.devices, seen_at=found.seen_at)
