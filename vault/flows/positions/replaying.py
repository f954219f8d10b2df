"""What was erased stays erased: a keystore that was put back loses its keys again before anything else happens."""

from __future__ import annotations

import logging

from vault.domain.erasures import LedgerRow
from vault.errors import IntegrityError
from vault.flows.context import Ports, chain_envelope
from vault.flows.erasures.ledger import ledger_name
from vault.flows.positions.copies import fetch, subjects_of
from vault.ports.keystore import Subject, SubjectKind
from vault.ports.store import Transaction
from vault.records.types.tombstone import Tombstone

logger = logging.getLogger("worker")


def shred_again(ports: Ports, end: int) -> int:
    """Destroy the keys of every tombstone up to `end` that the keystore's ledger lacks, and turn; how many tombstones.

    Nothing is inscribed before the turn, so that a killed run is repeated whole.
    """
    known = ports.keystore.position().ledger
    entries: list[LedgerRow] = []
    for sequence in range(known + 1, end + 1):
        entries.append(LedgerRow(sequence, fetch(ports, ledger_name(sequence))))
        ports.keystore.shred(_gone_by(ports, sequence))
    if entries:
        with ports.store.transaction() as tx:
            tx.unmark_shredded()  # their keys are there again too: the next sweep shreds them once more
        ports.keystore.turn()
        logger.warning("keys shredded again", extra={"fields": {"from": known + 1, "to": end}})
    for entry in entries:
        ports.keystore.inscribe(entry)
    return len(entries)


def _gone_by(ports: Ports, sequence: int) -> list[Subject]:
    """The subjects of a tombstone that the records hold too; a key of anything else is not touched."""
    written = subjects_of(ports, sequence)
    with ports.store.reading() as tx:
        found = tx.chain("tombstone", after=sequence - 1, limit=1)
        if not found or found[0].version != sequence:
            raise IntegrityError(f"the records hold no tombstone {sequence}")
        stone = Tombstone.read(chain_envelope(found[0]))
        return [subject for subject in written if _is_of(tx, subject, stone)]


def _is_of(tx: Transaction, subject: Subject, stone: Tombstone) -> bool:
    """Whether the tombstone speaks of it: itself, or a part of the dossier that no row gives to another one."""
    if (subject.kind.value, subject.id) == (stone.kind, stone.subject):
        return True
    if stone.kind != SubjectKind.DOSSIER:
        return False
    if subject.kind is SubjectKind.DOCUMENT:
        document = tx.document(subject.id)
        return document is None or document.dossier == stone.dossier
    share = tx.share(subject.id) if subject.kind is SubjectKind.SHARE else None
    return subject.kind is SubjectKind.SHARE and (share is None or share.dossier == stone.dossier)
