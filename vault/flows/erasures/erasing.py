"""The worker's steps of an erasure: one commit for each, every step repeatable after a kill.

Nothing is destroyed on the word of a row: the signed evidence is verified before a tombstone is signed, and again
before each step that follows (`vault.flows.erasures.evidence`).

Steps, with the state each ends in (design section 3, "Erasure"): shut off and tombstone signed; ledger written and no
deposit live (*fenced*); keys destroyed and generation turned (*shredded*); objects removed (*removed*); looked again
(*verified*); rows removed; certificate signed (*certified*).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from vault.domain.dossiers import DocumentRow, DocumentState
from vault.domain.erasures import HORIZON, ErasureRow, ErasureState
from vault.errors import UnavailableError, VaultError
from vault.flows.audit.auditing import note
from vault.flows.audit.installation_signature import sign_as_installation
from vault.flows.context import Ports, chain_record, rosters
from vault.flows.documents import deposit
from vault.flows.dossiers import sealing
from vault.flows.erasures.evidence import check_begun, due, of_erasure, of_term, subjects_of, to_bytes
from vault.flows.erasures.ledger import write_ledger
from vault.flows.erasures.requesting import commitment_of
from vault.flows.health import JUDGED, REFUSED
from vault.flows.shares import sharing
from vault.ports.errors import ShreddedError
from vault.ports.keystore import Subject
from vault.ports.store import Named, Transaction
from vault.records.types.certificate import METHOD, Certificate, Counts
from vault.records.types.document import segment_count
from vault.records.types.tombstone import RETENTION, Tombstone, retention_id
from vault.rules.evidence import Evidence, EvidenceError, Warrant
from vault.rules.terms import start_of

WORKER = "worker"


@dataclass(frozen=True, slots=True)
class Erased:
    """What a sweep over the erasures did: begun by retention, found open, certified now.

    `refused` are the dossiers that a row would have destroyed, and nothing that was signed: an alarm.
    """

    begun: int
    found: int
    certified: int
    refused: tuple[str, ...] = ()


def sweep(ports: Ports, now: datetime, limit: int = 10_000) -> Erased:
    """Begin due erasures, then advance every open one as far as possible; repeatable at any point.

    A waiting erasure does not block others: `limit` only bounds the memory of one sweep.
    """
    faults: list[VaultError] = []
    begun = begin_due(ports, now, limit, faults)
    with ports.store.reading() as tx:
        found = tx.open_erasures(now, limit)

    def each(state: ErasureState, act: Callable[[Ports, ErasureRow, datetime], None]) -> None:
        for erasure in _permitted(ports, found, state, faults):
            with collected(faults):
                act(ports, erasure, now)

    each(ErasureState.REQUESTED, _shut_off)
    each(ErasureState.BEGUN, _fence)
    with collected(faults):
        _shred(ports, _permitted(ports, found, ErasureState.FENCED, faults), now)
    each(ErasureState.SHREDDED, _remove)
    each(ErasureState.REMOVED, _verify)
    each(ErasureState.VERIFIED, _certify)
    refused = tuple(sorted({each.dossier for each in faults if isinstance(each, RefusedError)}))
    _judged(ports, now, sound=not refused)
    others = [fault for fault in faults if not isinstance(fault, RefusedError)]
    if others:
        raise others[0]
    certified = sum(erasure.state is ErasureState.CERTIFIED for erasure in _again(ports, found))
    return Erased(begun, len(found), certified, refused)


class RefusedError(EvidenceError):
    """An erasure of that dossier that nothing signed permits."""

    def __init__(self, dossier: str, why: EvidenceError) -> None:
        super().__init__(str(why))
        self.dossier = dossier


@contextmanager
def _of(dossier: str) -> Iterator[None]:
    try:
        yield
    except EvidenceError as error:
        raise RefusedError(dossier, error) from error


def _permitted(
    ports: Ports, found: Sequence[ErasureRow], state: ErasureState, faults: list[VaultError]
) -> list[ErasureRow]:
    """Those that are in that state and may go on from there."""
    permitted = []
    for erasure in _again(ports, found):
        if erasure.state is state:
            with collected(faults), _of(erasure.dossier):
                if erasure.under_way:
                    with ports.store.reading() as tx:
                        check_begun(tx, erasure)
                permitted.append(erasure)
    return permitted


def _judged(ports: Ports, now: datetime, *, sound: bool) -> None:
    """What health says of it: red from the first sweep that refused something to the first that refused nothing."""
    with ports.store.transaction(Named(JUDGED)) as tx:
        tx.beat(JUDGED, now)
        if not sound:
            tx.beat(REFUSED, now)


@contextmanager
def collected(faults: list[VaultError]) -> Iterator[None]:
    """Collect the failures: one does not stop the others, but the sweep raises at its end."""
    try:
        yield
    except VaultError as fault:
        faults.append(fault)


def _again(ports: Ports, found: Sequence[ErasureRow]) -> list[ErasureRow]:
    with ports.store.reading() as tx:
        rows = [tx.erasure(erasure.id) for erasure in found]
    return [row for row in rows if row is not None]


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
    with _of(dossier), ports.store.transaction() as tx:
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
        _begun(ports, tx, erasure, of_erasure(tx, erasure), now)
    return True


def _shut_off(ports: Ports, erasure: ErasureRow, now: datetime) -> None:
    """Begin an erasure, or end it: its request has expired, or others have begun to destroy all that it asks for."""
    with _of(erasure.dossier), ports.store.transaction() as tx:
        there = tx.erasure(erasure.id)
        if there is None or there.state is not ErasureState.REQUESTED:
            return
        left = _left(tx, there)
        if left is not None:
            evidence, warrant = of_erasure(tx, left)
            if warrant.expires is None or now <= warrant.expires:
                _begun(ports, tx, left, (evidence, warrant), now)
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


def _begun(ports: Ports, tx: Transaction, erasure: ErasureRow, judged: tuple[Evidence, Warrant], now: datetime) -> None:
    """Access off and the tombstones signed, in one commit; from here on nothing takes the erasure back."""
    evidence, warrant = judged
    signed = tuple(_tombstone(ports, tx, erasure, warrant, subject, now) for subject in subjects_of(erasure))
    if erasure.whole:
        tx.fence_dossier(erasure.dossier)
        for share in _shares(tx, erasure.dossier):
            tx.revoke_share(share, now)
    else:
        tx.set_document_state(erasure.documents, DocumentState.REMOVED)
    kept = to_bytes(evidence)
    tx.advance_erasure(replace(erasure, state=ErasureState.BEGUN, tombstones=signed, evidence=kept))
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


def _shares(tx: Transaction, dossier: str) -> list[str]:
    found: list[str] = []
    while page := tx.shares(dossier, after=found[-1] if found else ""):
        found.extend(share.id for share in page)
    return found


def _fence(ports: Ports, erasure: ErasureRow, now: datetime) -> None:
    """The ledger is written in keystore and objects, and no deposit can still be writing."""
    write_ledger(ports)
    with ports.store.transaction(erasure.dossier) as tx:
        if tx.live_deposits(erasure.dossier, now, erasure.documents):
            return
        tx.set_document_state([document.id for document in _documents(tx, erasure)], DocumentState.REMOVED)
        _advance(tx, erasure, ErasureState.FENCED, now)


def _documents(tx: Transaction, erasure: ErasureRow) -> list[DocumentRow]:
    if not erasure.whole:
        return [row for row in map(tx.document, erasure.documents) if row is not None]
    found: list[DocumentRow] = []
    while page := tx.documents(erasure.dossier, after=found[-1].id if found else ""):
        found.extend(page)
    return found


def _shred(ports: Ports, erasures: Sequence[ErasureRow], now: datetime) -> None:
    """Destroy the keys of all these erasures, then turn the generation once: only that makes it irreversible."""
    if not erasures:
        return
    counted: list[tuple[ErasureRow, Counts]] = []
    for erasure in erasures:
        with ports.store.reading() as tx:
            documents = _documents(tx, erasure)
            shares = _shares(tx, erasure.dossier) if erasure.whole else []
        subjects = _subjects(erasure, documents, shares)
        counted.append((erasure, _counts(erasure, documents, shares, subjects)))
        ports.keystore.shred(subjects)
    ports.keystore.turn()
    for erasure, counts in counted:
        with ports.store.transaction(erasure.dossier) as tx:
            _advance(tx, replace(erasure, shredded_at=now, counts=counts), ErasureState.SHREDDED, now)


def _subjects(erasure: ErasureRow, documents: Sequence[DocumentRow], shares: Sequence[str]) -> list[Subject]:
    """The subjects to shred: all documents of the request, even without a row."""
    if not erasure.whole:
        return [deposit.subject_of(document) for document in erasure.documents]
    subjects = [sharing.subject_of(share) for share in shares]
    subjects += [deposit.subject_of(document.id) for document in documents]
    return [*subjects, sealing.subject_of(erasure.dossier)]


def _counts(
    erasure: ErasureRow, documents: Sequence[DocumentRow], shares: Sequence[str], subjects: Sequence[Subject]
) -> Counts:
    return Counts(
        documents=len(erasure.documents) or len(documents),
        shares=len(shares),
        objects=sum(segment_count(document.size) for document in documents),
        bytes=sum(document.size for document in documents),
        keys=len(subjects),
    )


def _folders(erasure: ErasureRow) -> list[str]:
    return [f"{erasure.dossier}/{document}" for document in erasure.documents] or [erasure.dossier]


def _remove(ports: Ports, erasure: ErasureRow, now: datetime) -> None:
    """Every object in the subject's folders, whether a row knows it or not."""
    for folder in _folders(erasure):
        ports.objects.remove_below(folder)
    with ports.store.transaction(erasure.dossier) as tx:
        _advance(tx, erasure, ErasureState.REMOVED, now)


def _verify(ports: Ports, erasure: ErasureRow, now: datetime) -> None:
    """List again: nothing is there. Unseal: nothing opens. What turns up is removed and looked for again."""
    for folder in _folders(erasure):
        if not ports.objects.empty_below(folder):
            ports.objects.remove_below(folder)
            return
    _check_gone(ports, erasure)
    with ports.store.transaction(erasure.dossier) as tx:
        _advance(tx, replace(erasure, verified_at=now), ErasureState.VERIFIED, now)


def _check_gone(ports: Ports, erasure: ErasureRow) -> None:
    """Raise UnavailableError where a key is there, or something opens."""
    with ports.store.reading() as tx:
        documents = _documents(tx, erasure)
        shares = _shares(tx, erasure.dossier) if erasure.whole else []
    for document in documents:
        _must_fail(ports, deposit.subject_of(document.id), "document.head", document.id, document.head)
    for subject in _subjects(erasure, documents, shares):
        if ports.keystore.exists(subject):
            raise UnavailableError("a key that was shredded is there again", advice="Run `dossier doctor`.")


def _must_fail(ports: Ports, subject: Subject, field: str, row: str, sealed: bytes) -> None:
    try:
        ports.keystore.unseal(subject, field, row, sealed)
    except ShreddedError:
        return
    raise UnavailableError("something that was shredded still opens", advice="Run `dossier doctor`.")


def _certify(ports: Ports, erasure: ErasureRow, now: datetime) -> None:
    """Remove the rows, then sign what was done, once it was looked at: a state can be written by others."""
    _check_gone(ports, erasure)
    if not all(map(ports.objects.empty_below, _folders(erasure))):
        raise UnavailableError("objects that were removed are there again", advice="Run `dossier doctor`.")
    with ports.store.transaction(erasure.dossier) as tx:
        if erasure.whole:
            tx.remove_dossier(erasure.dossier)
            tx.clear_audit_details(erasure.dossier)
        else:
            tx.remove_documents(erasure.documents)
    with ports.store.transaction(erasure.dossier) as tx:
        envelope = sign_as_installation(ports, tx, "certificate", _certificate(tx, erasure, now).content())
        _advance(tx, replace(erasure, certificate=envelope.to_bytes()), ErasureState.CERTIFIED, now)


def _certificate(tx: Transaction, erasure: ErasureRow, now: datetime) -> Certificate:
    assert erasure.shredded_at is not None
    assert erasure.verified_at is not None
    return Certificate(
        standing=rosters(tx).standing,
        id=erasure.id,
        kind="dossier" if erasure.whole else "document",
        dossier=erasure.dossier,
        reason=erasure.reason,
        commitment=erasure.commitment,
        tombstones=erasure.tombstones,
        counts=erasure.counts,
        requested=erasure.requested_at,
        shredded=erasure.shredded_at,
        verified=erasure.verified_at,
        horizon=erasure.shredded_at + HORIZON,
        method=METHOD,
        at=now,
    )


def _advance(tx: Transaction, erasure: ErasureRow, state: ErasureState, now: datetime) -> None:
    """Advance to the next state, unless another worker did it first."""
    if tx.advance_erasure(replace(erasure, state=state)):
        note(tx, erasure.dossier, f"erasure_{state}", WORKER, now, erasure=erasure.id)
