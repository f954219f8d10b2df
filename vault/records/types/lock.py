"""The lock record: the key of a member's keyring, for the recovery sheet. It travels only inside an age file to it."""

from __future__ import annotations

from dataclasses import dataclass

from vault.records.fields import Instant, Key
from vault.records.record import Record
from vault.records.standing import StandsOn


@dataclass(frozen=True, slots=True)
class Lock(Record):
    """`key` opens the signer's own keyring: without her signature anybody who knows the sheet's recipient makes one."""

    standing: StandsOn
    key: Key
    at: Instant

    def __repr__(self) -> str:
        """Without the key."""
        return f"Lock(signer={self.signer!r})"
