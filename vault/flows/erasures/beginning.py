"""The first step of an erasure: access off and the tombstone signed, in one commit; nothing takes it back after."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from vault.domain.dossiers import DocumentState
from vault.domain.erasures import ErasureRow, ErasureState
from vault.errors import VaultError
from vault.flows.audit.auditing import WORKER, note
from vault.flows.audit.installation_signature import sign_as_installation
from vault.flows.context import Ports, chain_record, rosters
from vault.flows.erasures.evidence import due, of_erasure, of_term, subjects_of, to_bytes
from vault.flows.erasures.extent import shares_of
from vault.flows.erasures.requesting import commitment_of
from vault.flows.erasures.sweep_faults import collected, refused_of
from vault.ports.store import Transaction
from vault.records.types.tombstone import RETENTION, Tombstone, retention_id
from vault.rules.evidence import Evidence, Warrant
from vault.rules.terms import start_of


def begin_due(ports: Ports, now: datetime, limit: int, faults: list[VaultError]) -> int:
    """Begin the erasure of every dossier whose term has passed by its signed records; the count, and the failures."""
    with ports.store.reading() as tx:
        found = tx.due_dossiers(now, limit)
    begun = 0
    for dossier in found:
        with collected(faults):
            begun += _begin(ports, dossier.id, now)
    return begun


def _begin(ports: Ports, dossier: str, now: datetime) -> bool:
    """In one commit with the shutting off: whoever reopened the dossier in between would lose it all the same."""
    with refused_of(dossier), ports.store.transaction() as tx:
        row = tx.dossier(dossier)
        if row is None or row.fenced or tx.erasure(retention_id(dossier)) is not None:
            return False
        day = due(tx, of_term(tx, dossier))
        if day is None or start_of(day) > now:
            tx.set_destroy_on(dossier, None if day is None else start_of(day))
            return False
        erasure = ErasureRow(
            id=retention_id(dossier),
            dossier=dossier,
            documents=(),
            reason=RETENTION,
            request=None,
            state=ErasureState.REQUESTED,
            commitment=commitment_of(tx, dossier),
            requested_at=now,
            not_before=now,
        )
        tx.add_erasure(erasure)
        note(tx, dossier, "retention_due", WORKER, now, erasure=erasure.id)
        begin_on(ports, tx, erasure, of_erasure(tx, erasure), now)
    return True


def shut_off(ports: Ports, erasure: ErasureRow, now: datetime) -> None:
    """Begin an erasure, or end it: its request has expired, or others have begun to destroy all that it asks for."""
    with refused_of(erasure.dossier), ports.store.transaction() as tx:
        there = tx.erasure(erasure.id)
        if there is None or there.state is not ErasureState.REQUESTED:
            return
        left = _left(tx, there)
        if left is not None:
            evidence, warrant = of_erasure(tx, left)
            if warrant.expires is None or now <= warrant.expires:
                begin_on(ports, tx, left, (evidence, warrant), now)
                return
        tx.advance_erasure(replace(there, state=ErasureState.WITHDRAWN))
        event = "erasure_overtaken" if left is None else "erasure_expired"
        note(tx, there.dossier, event, WORKER, now, erasure=there.id)


def _left(tx: Transaction, erasure: ErasureRow) -> ErasureRow | None:
    """The erasure without documents that another one has begun to erase; None when nothing is left."""
    others = [each for each in tx.erasures_of(erasure.dossier) if each.under_way]
    if any(each.whole for each in others):
        return None
    if erasure.whole:
        return erasure
    taken = {document for each in others for document in each.documents}
    documents = tuple(document for document in erasure.documents if document not in taken)
    return replace(erasure, documents=documents) if documents else None


def begin_on(
    ports: Ports, tx: Transaction, erasure: ErasureRow, judged: tuple[Evidence, Warrant], now: datetime
) -> None:
    """Access off and the tombstones signed, in one commit; from here on nothing takes the erasure back."""
    evidence, warrant = judged
    signed = tuple(_tombstone(ports, tx, erasure, warrant, subject, now) for subject in subjects_of(erasure))
    begin(tx, replace(erasure, tombstones=signed, evidence=to_bytes(evidence)), now)


def begin(tx: Transaction, erasure: ErasureRow, now: datetime) -> None:
    """Switch access off for an erasure that has its tombstones."""
    if erasure.whole:
        tx.fence_dossier(erasure.dossier)
        for share in shares_of(tx, erasure.dossier):
            tx.revoke_share(share, now)
    else:
        tx.set_document_state(erasure.documents, DocumentState.REMOVED)
    tx.advance_erasure(replace(erasure, state=ErasureState.BEGUN))
    note(tx, erasure.dossier, "erasure_begun", WORKER, now, erasure=erasure.id)


def _tombstone(
    ports: Ports, tx: Transaction, erasure: ErasureRow, warrant: Warrant, subject: tuple[str, str], now: datetime
) -> str:
    newest, chain = tx.newest("tombstone"), rosters(tx)
    tombstone = Tombstone(
        standing=chain.standing,
        kind=subject[0],
        subject=subject[1],
        dossier=erasure.dossier,
        reason=erasure.reason,
        request=erasure.request,
        evidence=warrant.evidence,
        sequence=1 if newest is None else newest.version + 1,
        previous=None if newest is None else newest.hash,
        at=now.replace(microsecond=0),
    )
    warrant.check(tombstone, chain)
    envelope = sign_as_installation(ports, tx, "tombstone", tombstone.content())
    tx.add_chain(chain_record(envelope, tombstone.sequence))
    return envelope.hash
