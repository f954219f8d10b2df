"""A member's check of a certificate, kept beside it (decision 23)."""

from __future__ import annotations

from dataclasses import dataclass

from vault.domain.erasures import CheckRow
from vault.flows.answers import NOT_FOUND, decide
from vault.flows.context import Caller, Ports, chain_envelope, rosters
from vault.flows.erasures.requesting import checks_of
from vault.flows.new_records import check_record
from vault.ports.store import Transaction
from vault.records.envelope import Envelope, parse
from vault.records.types.certificate import Certificate
from vault.records.types.tombstone import Tombstone
from vault.rules.certificate_checks import read_check
from vault.rules.verdict import Refused


@dataclass(frozen=True, slots=True)
class Checked:
    """All checks of the certificate; `repeated` where this member's stood there before."""

    checks: tuple[Envelope, ...]
    repeated: bool


def add_check(ports: Ports, caller: Caller, erasure: str, envelope: Envelope) -> Checked | Refused:
    """Keep a member's check; her first one stays. Raises RecordError, RosterError, SignatureError, SeenMoreError."""

    def work(tx: Transaction) -> Checked | Refused:
        there = tx.erasure(erasure)
        assert there is not None, "an erasure is never removed"
        if caller.member not in rosters(tx).newest.active or there.certificate is None:
            return NOT_FOUND
        check_record(tx, envelope)
        certificate = Certificate.read(parse(there.certificate, "certificate"))
        signed = map(chain_envelope, tx.chain_by_hash("tombstone", there.tombstones))
        check = read_check(envelope, certificate, [Tombstone.read(each) for each in signed], rosters(tx))
        if check.signer != caller.member:
            return Refused("not_allowed")
        added = tx.add_check(CheckRow(erasure, check.signer, envelope.to_bytes()))
        return Checked(checks_of(tx, erasure), repeated=not added)

    with ports.store.reading() as tx:
        there = tx.erasure(erasure)
    return NOT_FOUND if there is None else decide(ports.store, work, there.dossier)
