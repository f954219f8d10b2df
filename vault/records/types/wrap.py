"""The wrap record: a dossier's identity for one grantee. It travels only inside an age file to that grantee."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from vault.records import read
from vault.records.encoding import format_instant, to_base64url
from vault.records.envelope import Envelope
from vault.records.standing import Standing, read_standing


@dataclass(frozen=True, slots=True)
class Wrap:
    """`identity` is the 32-byte seed of the dossier's hybrid identity; the granter is the record's signer."""

    hash: str
    standing: Standing
    dossier: str
    epoch: int
    identity: bytes
    grantee: str
    at: datetime
    granter: str

    def __repr__(self) -> str:
        """Without the identity."""
        return f"Wrap(dossier={self.dossier!r}, epoch={self.epoch}, grantee={self.grantee!r})"

    def content(self) -> dict[str, Any]:
        """The fields of a new record of this wrap."""
        return {
            "roster": self.standing.to_json(),
            "dossier": self.dossier,
            "epoch": self.epoch,
            "identity": to_base64url(self.identity),
            "grantee": self.grantee,
            "at": format_instant(self.at),
        }


def read_wrap(envelope: Envelope) -> Wrap:
    """What a wrap's record says; raises RecordError."""
    fields = envelope.fields
    return Wrap(
        hash=envelope.hash,
        standing=read_standing(fields),
        dossier=read.identifier(fields, "dossier"),
        epoch=read.integer(fields, "epoch", least=1),
        identity=read.octets(fields, "identity", 32),
        grantee=read.identifier(fields, "grantee"),
        at=read.instant(fields, "at"),
        granter=envelope.signer,
    )
