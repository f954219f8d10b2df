"""Erasures: request, state and proof."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Self

from gateway.wire.audit import Evidence
from gateway.wire.fields import KIB, SMALL_ENVELOPE, Base64, Body, Id, Instant, RequestBody, Signed, Word
from vault.domain import erasures as kept
from vault.flows.erasures.checking import Checked
from vault.flows.erasures.requesting import Proof
from vault.records.envelope import Envelope


class ErasureState(StrEnum):
    """The state of an erasure, for clients."""

    REQUESTED = "requested"
    FENCED = "fenced"
    SHREDDED = "shredded"
    REMOVED = "removed"
    VERIFIED = "verified"
    CERTIFIED = "certified"
    WITHDRAWN = "withdrawn"

    @classmethod
    def of(cls, row: kept.ErasureRow) -> Self:
        """Until the dossier is fenced it is `requested`; a client tries whether it can still be withdrawn."""
        return cls.REQUESTED if row.state is kept.ErasureState.BEGUN else cls(row.state.value)


class NewErasure(RequestBody):
    """A signed request for a whole dossier, or for the documents it names."""

    limit = SMALL_ENVELOPE + KIB
    erasure: Annotated[Envelope, Signed("erasure")]


class Requested(Body):
    """The erasure begins at `not_before`: at once for a client's request, after the practice's delay for staff's."""

    erasure: Id
    state: ErasureState
    not_before: Instant

    @classmethod
    def of(cls, row: kept.ErasureRow) -> Self:
        """As it is kept."""
        return cls(erasure=row.id, state=ErasureState.of(row), not_before=row.not_before)


class Erasure(Body):
    """An erasure and its state; no `documents` means the whole dossier."""

    erasure: Id
    dossier: Id
    documents: list[Id]
    reason: Word
    state: ErasureState
    requested_at: Instant
    not_before: Instant
    shredded_at: Instant | None
    verified_at: Instant | None

    @classmethod
    def of(cls, row: kept.ErasureRow) -> Self:
        """As it is kept."""
        return cls(
            erasure=row.id,
            dossier=row.dossier,
            documents=list(row.documents),
            reason=row.reason,
            state=ErasureState.of(row),
            requested_at=row.requested_at,
            not_before=row.not_before,
            shredded_at=row.shredded_at,
            verified_at=row.verified_at,
        )


class Withdrawal(RequestBody):
    """A signed withdrawal: the request is a warrant for nobody any more."""

    limit = SMALL_ENVELOPE + KIB
    withdrawal: Annotated[Envelope, Signed("erasure_withdrawal")]


class Certificate(Body):
    """The certificate with all that a verifier needs: its tombstones, their evidence, every roster, ascending.

    `leaves` are the hashes of the destroyed documents' records, ascending, 32 bytes each: the certificate has their
    root. `checks` are those of members whose devices verified it.
    """

    certificate: Annotated[Envelope, Signed("certificate")]
    tombstones: list[Annotated[Envelope, Signed("tombstone")]]
    evidence: Evidence
    leaves: Annotated[bytes, Base64(0, 2**40)]
    rosters: list[Annotated[Envelope, Signed("roster")]]
    checks: list[Annotated[Envelope, Signed("certificate_check")]]

    @classmethod
    def of(cls, proof: Proof) -> Self:
        """The whole proof."""
        return cls(
            certificate=proof.certificate,
            tombstones=list(proof.tombstones),
            evidence=Evidence.of(proof.evidence),
            leaves=bytes.fromhex("".join(proof.destroyed)),
            rosters=list(proof.rosters),
            checks=list(proof.checks),
        )


class NewCheck(RequestBody):
    """A member's signed check of the certificate: her device verified it."""

    limit = SMALL_ENVELOPE + KIB
    check: Annotated[Envelope, Signed("certificate_check")]


class CertificateChecks(Body):
    """The checks of a certificate, one of each member who made one."""

    checks: list[Annotated[Envelope, Signed("certificate_check")]]

    @classmethod
    def of(cls, checked: Checked) -> Self:
        """All that are kept."""
        return cls(checks=list(checked.checks))
