"""The profile record: who the client is (encrypted), and what a certificate of destruction will be proven by."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from vault.records import read
from vault.records.encoding import format_instant, lp
from vault.records.envelope import Envelope
from vault.records.standing import Standing, read_standing


def certificate_commitment(nonce: bytes, name: str) -> str:
    """SHA-256(label ‖ nonce, 32 bytes ‖ lp(name)), hex: what the certificate carries instead of a name."""
    return hashlib.sha256(b"vault/v1/certificate" + nonce + lp(name.encode())).hexdigest()


@dataclass(frozen=True, slots=True)
class Profile:
    """One version of a client's profile; name, contact details, purpose and the nonce are in the encrypted text."""

    hash: str
    standing: Standing
    dossier: str
    version: int
    previous: str | None
    commitment: str
    text: str
    at: datetime
    signer: str

    def content(self) -> dict[str, Any]:
        """The fields of a new record of this profile."""
        return {
            "roster": self.standing.to_json(),
            "dossier": self.dossier,
            "version": self.version,
            "previous": self.previous,
            "commitment": self.commitment,
            "text": self.text,
            "at": format_instant(self.at),
        }


def read_profile(envelope: Envelope) -> Profile:
    """What a profile's record says; raises RecordError."""
    fields = envelope.fields
    return Profile(
        hash=envelope.hash,
        standing=read_standing(fields),
        dossier=read.identifier(fields, "dossier"),
        version=read.integer(fields, "version", least=1),
        previous=read.optional(read.digest, fields, "previous"),
        commitment=read.digest(fields, "commitment"),
        text=read.digest(fields, "text"),
        at=read.instant(fields, "at"),
        signer=envelope.signer,
    )
