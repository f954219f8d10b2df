"""Requesting an erasure, reading its state, withdrawing it during staff's delay (R6; art. 17)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from vault.domain.dossiers import DocumentState, DossierRow, RecordState
from vault.domain.erasures import OVER, ErasureRow, ErasureState
from vault.flows.answers import NOT_FOUND, decide
from vault.flows.audit.auditing import note
from vault.flows.context import Caller, Ports, chain_envelope, held, rosters
from vault.flows.damage import record_of
from vault.flows.dossiers.indexing import as_row, newest_head
from vault.flows.erasures.ahead import replaceable
from vault.flows.erasures.evidence import check_heads, kept
from vault.flows.new_records import check_record
from vault.ports.store import Transaction
from vault.records.encoding import RecordError
from vault.records.envelope import Envelope, parse
from vault.records.types.erasure import CLIENT, STAFF, ErasureRequest
from vault.records.types.erasure_withdrawal import ErasureWithdrawal
from vault.records.types.profile import Profile
from vault.rules.evidence import Evidence
from vault.rules.verdict import Refused


@dataclass(frozen=True, slots=True)
class Requested:
    """An erasure; `repeated` when the same request was accepted before."""

    erasure: ErasureRow
    repeated: bool


@dataclass(frozen=True, slots=True)
class Proof:
    """A certificate, the tombstones it names, their evidence, and every roster, ascending: all a verifier needs.

    `destroyed` are the hashes of the destroyed documents' records, of which the certificate has the root. `checks`
    are by members who verified it, one of each.
    """

    certificate: Envelope
    tombstones: tuple[Envelope, ...]
    evidence: Evidence
    rosters: tuple[Envelope, ...]
    destroyed: tuple[str, ...] = ()
    checks: tuple[Envelope, ...] = ()


NO_COMMITMENT = "0" * 64


def commitment_of(tx: Transaction, dossier: str) -> str:
    """The certificate's commitment from the newest profile's clear part."""
    row = tx.records(dossier, kinds=("profile",), states=(RecordState.CURRENT,))[-1]
    envelope = record_of(row)
    # A damaged profile may not make its dossier unerasable.
    return NO_COMMITMENT if envelope is None else Profile.read(envelope).commitment


def request(
    ports: Ports, caller: Caller, dossier: str, envelope: Envelope, now: datetime, delay: timedelta
) -> Requested | Refused:
    """Accept a signed request: at once on the client's basis, after `delay` on staff's. Repeatable.

    One of the whole dossier takes the place of another that was asked for by a clock that ran ahead.

    Raises RecordError, RosterError, SignatureError; IntegrityError where a head is damaged: the worker would refuse.
    """
    asked = ErasureRequest.read(envelope)

    def work(tx: Transaction) -> Requested | Refused:
        if (there := tx.erasure(asked.id)) is not None:
            same = there.request == asked.hash and there.dossier == dossier
            return Requested(there, repeated=True) if same else Refused("conflict")
        row = held(tx, caller, dossier)
        if row is None:
            return NOT_FOUND
        check_record(tx, envelope, newest_head(tx, row))
        check_heads(tx, dossier)
        begins = now if asked.basis == CLIENT else now + delay
        for each in tx.erasures_of(dossier):
            if each.whole and asked.whole and replaceable(each, asked.basis, now):
                tx.withdraw_erasure(each.id)
        refused = _refusal(tx, caller, row, asked, begins)
        if refused is not None:
            return refused
        erasure = ErasureRow(
            id=asked.id,
            dossier=dossier,
            documents=asked.documents,
            reason=asked.basis,
            request=asked.hash,
            state=ErasureState.REQUESTED,
            commitment=commitment_of(tx, dossier),
            requested_at=now,
            not_before=max(asked.not_before, begins),
        )
        tx.add_erasure(erasure)
        tx.add_record(as_row(envelope, dossier, RecordState.PENDING, None, now))
        note(tx, dossier, "erasure_requested", caller.member, now, erasure=asked.id, basis=asked.basis)
        return Requested(erasure, repeated=False)

    return decide(ports.store, work, dossier)


def _refusal(
    tx: Transaction, caller: Caller, dossier: DossierRow, asked: ErasureRequest, begins: datetime
) -> Refused | None:
    if asked.signer != caller.member:
        return Refused("not_allowed")
    if asked.expires <= begins:
        raise RecordError("an erasure request that expires before it can begin")
    if asked.whole and any(each.whole and each.state not in OVER for each in tx.erasures_of(dossier.id)):
        return Refused("state")
    for document in asked.documents:
        row = tx.document(document)
        if row is None or row.dossier != dossier.id or row.state is DocumentState.REMOVED:
            return NOT_FOUND
    return None


def one(ports: Ports, caller: Caller, erasure: str) -> ErasureRow | Refused:
    """The state of an erasure, for a member who knows its id: 128 random bits of a client."""
    with ports.store.reading() as tx:
        there = tx.erasure(erasure) if caller.member in rosters(tx).newest.active else None
    return NOT_FOUND if there is None else there


def certificate(ports: Ports, caller: Caller, erasure: str) -> Proof | Refused:
    """The proof of an erasure, for a member who knows its id; only after its end."""
    with ports.store.reading() as tx:
        there = tx.erasure(erasure) if caller.member in rosters(tx).newest.active else None
        if there is None or there.certificate is None:
            return NOT_FOUND
        signed = tx.chain_by_hash("tombstone", there.tombstones)
        chain, checks = _rosters(tx), checks_of(tx, erasure)
    tombstones = tuple(map(chain_envelope, signed))
    certificate = parse(there.certificate, "certificate")
    return Proof(certificate, tombstones, kept(there), chain, there.destroyed, checks)


def checks_of(tx: Transaction, erasure: str) -> tuple[Envelope, ...]:
    """The members' checks of its certificate, by member."""
    return tuple(parse(each.envelope, "certificate_check") for each in tx.checks_of(erasure))


def _rosters(tx: Transaction) -> tuple[Envelope, ...]:
    found: list[Envelope] = []
    while page := tx.chain("roster", after=len(found)):
        found.extend(map(chain_envelope, page))
    return tuple(found)


def take_back(ports: Ports, caller: Caller, erasure: str, envelope: Envelope, now: datetime) -> Refused | None:
    """Withdraw staff's own request while its delay runs; what the client asked is refused by nobody. Repeatable.

    The signed withdrawal stays with the dossier: with it the request is a warrant for nobody any more. Raises
    RecordError, RosterError, SignatureError.
    """
    withdrawal = ErasureWithdrawal.read(envelope)

    def work(tx: Transaction) -> Refused | None:
        there = tx.erasure(erasure)
        assert there is not None, "an erasure is never removed"
        row = held(tx, caller, there.dossier)
        if row is None:
            return NOT_FOUND
        if there.state is ErasureState.WITHDRAWN:
            return None
        if there.reason != STAFF:
            return Refused("state")
        check_record(tx, envelope, newest_head(tx, row))
        if (withdrawal.id, withdrawal.dossier, withdrawal.request) != (there.id, there.dossier, there.request):
            raise RecordError("a withdrawal of another erasure")
        if withdrawal.signer != caller.member:
            return Refused("not_allowed")
        if not tx.withdraw_erasure(erasure):
            return Refused("state")
        tx.add_record(as_row(envelope, there.dossier, RecordState.PENDING, None, now))
        note(tx, there.dossier, "erasure_withdrawn", caller.member, now, erasure=erasure)
        return None

    with ports.store.reading() as tx:
        there = tx.erasure(erasure)
    return NOT_FOUND if there is None else decide(ports.store, work, there.dossier)
