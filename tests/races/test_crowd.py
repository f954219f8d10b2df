"""Fifty at once do whatever comes to their minds: nobody is stuck, nothing is lost, everything adds up."""

from __future__ import annotations

import hashlib
from collections import Counter
from datetime import timedelta

from tests.actors import NOW, Link
from tests.races.crowd import ACTS, Known, Somebody
from tests.races.house import House, at_once, runs
from vault.domain.dossiers import DocumentState
from vault.domain.erasures import OVER, ErasureRow, ErasureState
from vault.flows.audit.auditing import chain
from vault.flows.context import restore
from vault.flows.documents import deposit
from vault.flows.dossiers import sealing
from vault.flows.erasures import retention
from vault.ports.store import Transaction
from vault.records.envelope import Envelope
from vault.records.types.index import Index
from vault.records.types.tombstone import Tombstone
from vault.rules.audit_entries import GENESIS, details_digest, entry_hash
from vault.rules.indexes import has_root
from vault.rules.verdict import ALLOWED

CROWD, DOSSIERS, SEED = 50, 10, 5
AFTERWARDS = NOW + timedelta(days=2)  # every lease and every delay is over
ACTS_EACH = 12


def test_fifty_who_do_anything_at_once_on_ten_dossiers_leave_everything_in_order(house: House) -> None:
    known = Known([house.practice.open_dossier() for _ in range(DOSSIERS)])
    for dossier in known.dossiers:
        known.documents.append((dossier, house.practice.deposit(dossier)))
    deadlocks = house.deadlocks()
    at_once(lambda number: Somebody(house, known, number, SEED).live(runs(ACTS_EACH)), CROWD)
    assert house.deadlocks() == deadlocks
    assert set(known.done) == {act.__name__ for act in ACTS}, "everybody could do everything"
    retention.sweep(house.practice.ports, AFTERWARDS)
    with house.practice.ports.store.reading() as tx:
        for link, _ in known.links:
            check_share(tx, link, {name for id_, name in known.released if id_ == link.id})
        for dossier in known.dossiers:
            check_chain(tx, dossier)
            check_index(tx, dossier, sum(each == dossier for each, _ in known.accepted) + 2)
        erasures = [erasure for dossier in known.dossiers for erasure in tx.erasures_of(dossier)]
    assert {erasure.id for erasure in erasures} == set(known.asked)
    for erasure in erasures:
        check_erased(
            house, erasure, [document.id for dossier, document in known.documents if dossier == erasure.dossier]
        )
    check_ledger(house)
    assert max(Counter(known.codes).values()) == 1, "a code worked once"


def check_share(tx: Transaction, link: Link, names: set[bytes]) -> None:
    """One line for each who got it, and no more of them than it had copies."""
    lines = [line.pickup for line in tx.disclosures(link.id)]
    assert len(lines) == len(set(lines)) <= link.new.envelope.fields["max"]
    keys = {hashlib.sha256(name).digest() for name in names}
    assert set(lines) <= keys
    share = tx.share(link.id)
    if share is not None:
        assert share.used == len(tx.pickups(link.id)) == len(keys) <= share.max


def check_chain(tx: Transaction, dossier: str) -> None:
    """Every entry of the audit follows the one before."""
    previous, sequence = GENESIS, 0
    while page := tx.audit(dossier, after=sequence):
        for entry in page:
            assert (entry.sequence, entry.previous) == (sequence + 1, previous)
            if entry.details is not None:
                assert entry.digest == details_digest(entry.details)
            said = (dossier, entry.sequence, entry.previous, entry.at, entry.event, entry.actor, entry.digest)
            assert entry.hash == entry_hash(*said)
            previous, sequence = entry.hash, entry.sequence


def check_index(tx: Transaction, dossier: str, accepted: int) -> None:
    """Each index that was accepted counted once, the newest is kept, and every document it lists is stored."""
    row = tx.dossier(dossier)
    if row is None:
        return
    assert row.sequence == accepted
    links = tx.indexes(dossier)
    assert [link.sequence for link in links] == list(range(1, accepted + 1))
    index = Index.read(restore("index", links[-1].record, links[-1].signatures))
    assert (index.hash, index.sequence) == (row.index, row.sequence)
    assert has_root(index, tx.listed(dossier)) == ALLOWED
    rows = [row for hash_ in tx.listed(dossier) if (row := tx.record(hash_)) is not None]
    listed = {row.subject for row in rows if row.kind == "document"}
    states = {document.id: document.state for document in tx.documents(dossier)}
    assert all(states[id_] in (DocumentState.STORED, DocumentState.REMOVED) for id_ in listed)
    assert {id_ for id_, state in states.items() if state is DocumentState.STORED} <= listed


def check_erased(house: House, erasure: ErasureRow, documents: list[str]) -> None:
    """At its end, and of what it asked for no key is left, no row and no object."""
    ports = house.practice.ports
    assert erasure.state in OVER
    if erasure.state is ErasureState.WITHDRAWN:
        return
    for document in erasure.documents or documents:
        assert not ports.keystore.exists(deposit.subject_of(document))
        assert ports.objects.empty_below(f"{erasure.dossier}/{document}")
    if erasure.whole:
        assert not ports.keystore.exists(sealing.subject_of(erasure.dossier))
        assert ports.objects.empty_below(erasure.dossier)


def check_ledger(house: House) -> None:
    """Tombstones and checkpoints are chains without gaps, and nothing has two graves."""
    ports = house.practice.ports
    for kind in ("tombstone", "checkpoint"):
        signed = everything(house, kind)
        assert [envelope.fields["sequence"] for envelope in signed] == list(range(1, len(signed) + 1))
        assert [envelope.fields.get("previous") for envelope in signed[1:]] == [each.hash for each in signed[:-1]]
    subjects = [Tombstone.read(envelope).subject for envelope in everything(house, "tombstone")]
    assert len(subjects) == len(set(subjects)) > 0
    assert [each.sequence for each in ports.keystore.ledger()] == list(range(1, len(subjects) + 1))


def everything(house: House, kind: str) -> list[Envelope]:
    found: list[Envelope] = []
    while page := chain(house.practice.ports, kind, len(found), 500).items:
        found += page
    return found
