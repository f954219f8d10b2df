"""The profile record: the client's details (encrypted), and the commitment for a certificate of destruction."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from vault.records.encoding import lp
from vault.records.fields import Hash, Id, Instant, Ordinal
from vault.records.seen import MemberRecord
from vault.records.standing import StandsOn


def certificate_commitment(nonce: bytes, name: str) -> str:
    """SHA-256(label ‖ nonce, 32 bytes ‖ lp(name)), hex: the certificate's substitute for the name."""
    return hashlib.sha256(b"vault/v1/certificate" + nonce + lp(name.encode())).hexdigest()


@dataclass(frozen=True, slots=True)
class Profile(MemberRecord):
    """One version of a client's profile; name, contact details, purpose and the nonce are in the encrypted text."""

    standing: StandsOn
    dossier: Id
    version: Ordinal
    previous: Hash | None
    commitment: Hash
    text: Hash
    at: Instant
