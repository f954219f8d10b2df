"""Asking for an erasure, how far it is, and the proof of it."""

from __future__ import annotations

from typing import Annotated, Literal

from gateway.wire.fields import Body, Id, Instant, Signed
from vault.records.envelope import Envelope

State = Literal["requested", "fenced", "shredded", "removed", "verified", "certified", "withdrawn"]


class NewErasure(Body):
    """A signed request: a whole dossier, or the documents that it names."""

    erasure: Annotated[Envelope, Signed("erasure")]


class Requested(Body):
    """It begins at `not_before`: at once when the client asked, after the practice's delay when staff did."""

    erasure: Id
    state: State
    not_before: Instant


class Erasure(Body):
    """How far an erasure is; no `documents` means the whole dossier."""

    erasure: Id
    dossier: Id
    documents: list[Id]
    reason: Literal["client", "staff", "retention"]
    state: State
    requested_at: Instant
    not_before: Instant
    shredded_at: Instant | None
    verified_at: Instant | None


class Certificate(Body):
    """The certificate with all that a verifier needs: the tombstones it names, and every roster, ascending."""

    certificate: Annotated[Envelope, Signed("certificate")]
    tombstones: list[Annotated[Envelope, Signed("tombstone")]]
    rosters: list[Annotated[Envelope, Signed("roster")]]
