"""The wrap record: a dossier's identity for one grantee. It is sent only inside an age file to that grantee."""

from __future__ import annotations

from dataclasses import dataclass

from vault.records.fields import Id, Instant, Key, Ordinal
from vault.records.record import Record
from vault.records.standing import StandsOn


@dataclass(frozen=True, slots=True)
class Wrap(Record):
    """`identity` is the 32-byte seed of the dossier's hybrid identity; the record's signer grants it."""

    standing: StandsOn
    dossier: Id
    epoch: Ordinal
    identity: Key
    grantee: Id
    at: Instant

    def __repr__(self) -> str:
        """Without the identity."""
        return f"Wrap(dossier={self.dossier!r}, epoch={self.epoch}, grantee={self.grantee!r})"
