"""The ledger: every tombstone in its place, and beside the first of an erasure the evidence that it stands on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from vault.domain.erasures import ErasureRow
from vault.domain.people import ChainRow
from vault.errors import IntegrityError, UnavailableError
from vault.flows.context import Ports, chain_envelope, restore
from vault.flows.erasures.evidence import kept
from vault.ports.store import Transaction
from vault.records import read
from vault.records.encoding import RecordError
from vault.records.envelope import Envelope, from_json
from vault.records.strict_json import parse_object
from vault.rules.evidence import MAX_EVIDENCE, Evidence, EvidenceError, read_evidence

MAX_ENTRY = 2 * MAX_EVIDENCE


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


@dataclass(frozen=True, slots=True)
class Entries:
    """Some of the ledger, ascending; `next` is the number to go on after, None where there are no more."""

    items: tuple[LedgerEntry, ...]
    next: int | None


def entries(ports: Ports, after: int, limit: int) -> Entries:
    """The ledger above a sequence, ascending, for members. What is damaged comes from the objects' copy."""
    with ports.store.reading() as tx:
        rows = tx.chain("tombstone", after=after, limit=limit)
        found = [_whole_entry(tx, row) for row in rows]
    kept = [entry or _inscribed(ports, row) for row, entry in zip(rows, found, strict=True)]
    return Entries(tuple(entry for entry in kept if entry), rows[-1].version if len(rows) >= limit else None)


def tombstones(ports: Ports, rows: Sequence[ChainRow]) -> list[Envelope]:
    """These tombstones; one whose row is damaged comes from the objects' copy, and is left out where that is, too."""
    found = list[Envelope]()
    for row in rows:
        try:
            found.append(restore(row.kind, row.record, row.signatures, row.hash))
        except IntegrityError:
            inscribed = _inscribed(ports, row)
            found += [] if inscribed is None else [inscribed.tombstone]
    return found


def _whole_entry(tx: Transaction, row: ChainRow) -> LedgerEntry | None:
    try:
        restore(row.kind, row.record, row.signatures, row.hash)
        return entry_of(tx, row)
    except IntegrityError:
        return None


def _inscribed(ports: Ports, row: ChainRow) -> LedgerEntry | None:
    """The entry as it lies among the objects; None where it is not there whole."""
    try:
        entry = read_entry(b"".join(ports.objects.get(ledger_name(row.version))))
    except (IntegrityError, LookupError, RecordError, UnavailableError):
        return None
    return entry if entry.tombstone.hash == row.hash else None


def read_entry(raw: bytes) -> LedgerEntry:
    """An entry as it lies in keystore and objects, nothing of it verified yet; raises RecordError."""
    fields = parse_object(raw, limit=MAX_ENTRY)
    said = fields.get("evidence")
    evidence = None if said is None else read_evidence(read.mapping(fields, "evidence"))
    return LedgerEntry(from_json(read.mapping(fields, "tombstone"), "tombstone"), evidence)


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


def ledger_name(sequence: int) -> str:
    """Where a tombstone lies in the object store."""
    return f"ledger/{sequence:010d}"
