"""The dossier record: the identity a client's dossier is encrypted to, and who holds it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from vault.records import read
from vault.records.encoding import format_instant
from vault.records.envelope import Envelope
from vault.records.standing import Standing, read_standing
from vault.records.types.roster import SUITE

KINDS = frozenset({"client", "commissioner"})
MAX_GRANTEES = 1000


@dataclass(frozen=True, slots=True)
class Dossier:
    """One version of a dossier's head; a new identity raises `epoch`, anything else only `version`."""

    hash: str
    standing: Standing
    id: str
    version: int
    epoch: int
    previous: str | None
    kind: str
    suite: str
    recipient: str
    grantees: tuple[str, ...]
    index: str | None
    at: datetime
    signer: str

    def content(self) -> dict[str, Any]:
        """The fields of a new record of this dossier."""
        return {
            "roster": self.standing.to_json(),
            "dossier": self.id,
            "version": self.version,
            "epoch": self.epoch,
            "previous": self.previous,
            "kind": self.kind,
            "suite": self.suite,
            "recipient": self.recipient,
            "grantees": sorted(self.grantees),
            "index": self.index,
            "at": format_instant(self.at),
        }


def read_dossier(envelope: Envelope) -> Dossier:
    """What a dossier's record says; raises RecordError."""
    fields = envelope.fields
    return Dossier(
        hash=envelope.hash,
        standing=read_standing(fields),
        id=read.identifier(fields, "dossier"),
        version=read.integer(fields, "version", least=1),
        epoch=read.integer(fields, "epoch", least=1),
        previous=read.optional(read.digest, fields, "previous"),
        kind=read.one_of(fields, "kind", KINDS),
        suite=read.one_of(fields, "suite", frozenset({SUITE})),
        recipient=read.text(fields, "recipient", limit=4000),
        grantees=read.sorted_hexadecimal(fields, "grantees", 16, least=1, most=MAX_GRANTEES),
        index=read.optional(read.digest, fields, "index"),
        at=read.instant(fields, "at"),
        signer=envelope.signer,
    )
