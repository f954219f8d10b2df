"""The ledger: every tombstone in its place, and beside the first of an erasure the evidence that it stands on."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from vault.domain.erasures import ErasureRow, LedgerRow
from vault.domain.people import ChainRow
from vault.flows.context import Ports, chain_envelope
from vault.flows.erasures.evidence import kept
from vault.ports.store import Transaction
from vault.records.envelope import Envelope
from vault.records.strict_json import dump
from vault.rules.evidence import Evidence, EvidenceError


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """A tombstone; `evidence` is None where it stands beside an earlier tombstone of the same erasure."""

    tombstone: Envelope
    evidence: Evidence | None

    def to_json(self) -> dict[str, Any]:
        """As it lies in keystore and objects."""
        return {
            "tombstone": self.tombstone.to_json(),
            "evidence": None if self.evidence is None else self.evidence.to_json(),
        }


def entries(ports: Ports, after: int, limit: int) -> list[LedgerEntry]:
    """The ledger above a sequence, ascending, for members."""
    with ports.store.reading() as tx:
        return [entry_of(tx, row) for row in tx.chain("tombstone", after=after, limit=limit)]


def entry_of(tx: Transaction, row: ChainRow) -> LedgerEntry:
    """A stored tombstone as an entry of the ledger."""
    tombstone = chain_envelope(row)
    begun = [each for each in tx.erasures_of(str(tombstone.fields["dossier"])) if each.tombstones[:1] == (row.hash,)]
    return LedgerEntry(tombstone, next(_of_digest(begun, str(tombstone.fields["evidence"])), None))


def _of_digest(erasures: Iterable[ErasureRow], digest: str) -> Iterator[Evidence]:
    """The evidence that the tombstone speaks of; a row that somebody wrote beside it changes nothing."""
    for erasure in erasures:
        with suppress(EvidenceError):
            evidence = kept(erasure)
            if evidence.digest == digest:
                yield evidence


def write_ledger(ports: Ports) -> None:
    """Bring the keystore's ledger and the objects' up to the signed tombstones; repeatable."""
    while True:
        known = _ledger_end(ports)
        with ports.store.reading() as tx:
            page = [(row.version, entry_of(tx, row)) for row in tx.chain("tombstone", after=known)]
        for sequence, entry in page:
            raw = dump(entry.to_json())
            ports.objects.put(ledger_name(sequence), io.BytesIO(raw), len(raw), hashlib.sha256(raw).digest())
            ports.keystore.inscribe(LedgerRow(sequence, raw))
        if not page:
            return


def ledger_name(sequence: int) -> str:
    """Where a tombstone lies in the object store."""
    return f"ledger/{sequence:010d}"


def _ledger_end(ports: Ports) -> int:
    """The last sequence inscribed, found by halving: the ledger has no gaps."""
    with ports.store.reading() as tx:
        newest = tx.newest("tombstone")
    low, high = 0, 0 if newest is None else newest.version
    while low < high:
        middle = (low + high + 1) // 2
        if ports.keystore.ledger(after=middle - 1, limit=1):
            low = middle
        else:
            high = middle - 1
    return low
