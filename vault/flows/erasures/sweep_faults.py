"""The faults of one sweep over the erasures: collected, so that one stops no other; refusals name their dossier."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from vault.errors import VaultError
from vault.rules.evidence import EvidenceError


class RefusedError(EvidenceError):
    """An erasure of that dossier that nothing signed permits."""

    def __init__(self, dossier: str, why: EvidenceError) -> None:
        super().__init__(str(why))
        self.dossier = dossier


@contextmanager
def refused_of(dossier: str) -> Iterator[None]:
    """Name the dossier of what no evidence permits."""
    try:
        yield
    except EvidenceError as error:
        raise RefusedError(dossier, error) from error


@contextmanager
def collected(faults: list[VaultError]) -> Iterator[None]:
    """Collect the failures: one does not stop the others, but the sweep raises at its end."""
    try:
        yield
    except VaultError as fault:
        faults.append(fault)
