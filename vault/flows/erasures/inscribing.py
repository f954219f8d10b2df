"""Writes tombstones into the ledger of keystore and objects, with the keys that go with each beside them."""

from __future__ import annotations

from vault.domain.erasures import LedgerRow
from vault.domain.people import ChainRow
from vault.flows.context import Ports, chain_envelope
from vault.flows.erasures.extent import documents_of, shares_of, subjects_to_shred
from vault.flows.erasures.ledger import entry_of, ledger_name
from vault.flows.positions.copies import keep_subjects, put
from vault.ports.keystore import Subject, SubjectKind
from vault.ports.store import Transaction
from vault.records.strict_json import dump
from vault.records.types.tombstone import Tombstone


def subjects_of(tx: Transaction, row: ChainRow) -> list[Subject]:
    """The keys that are destroyed with a stored tombstone."""
    stone = Tombstone.read(chain_envelope(row))
    itself = Subject(SubjectKind(stone.kind), stone.subject)
    if itself.kind is not SubjectKind.DOSSIER:
        return [itself]
    begun = [each for each in tx.erasures_of(stone.dossier) if row.hash in each.tombstones]
    parts = [(documents_of(tx, each), shares_of(tx, each.dossier), each) for each in begun]
    found = {each for documents, shares, erasure in parts for each in subjects_to_shred(erasure, documents, shares)}
    return sorted({*found, itself})


def write_ledger(ports: Ports) -> None:
    """Bring the keystore's ledger and the objects' up to the signed tombstones; repeatable."""
    while True:
        known = _ledger_end(ports)
        with ports.store.reading() as tx:
            rows = tx.chain("tombstone", after=known)
            page = [(row.version, entry_of(tx, row), subjects_of(tx, row)) for row in rows]
        for sequence, entry, subjects in page:
            raw = dump(entry.to_json())
            keep_subjects(ports, sequence, subjects)
            put(ports, ledger_name(sequence), raw)
            ports.keystore.inscribe(LedgerRow(sequence, raw))
        if not page:
            return


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
