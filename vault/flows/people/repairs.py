"""Repairs: a director's word on what devices have seen and the store does not hold, kept for every member."""

from __future__ import annotations

from vault.flows.answers import decide
from vault.flows.context import Caller, Ports, chain_record, rosters
from vault.flows.new_records import check_record
from vault.ports.store import Transaction
from vault.records.envelope import Envelope
from vault.records.types.repair import Repair
from vault.rules.verdict import Refused

KIND = "repair"


def repair(ports: Ports, caller: Caller, envelope: Envelope) -> Repair | Refused:
    """Keep a repair that the caller signed, a director; repeating it gives the same answer.

    The server itself repairs nothing by it. Raises RecordError, RosterError, SignatureError, SeenMoreError.
    """
    new = Repair.read(envelope)

    def work(tx: Transaction) -> Repair | Refused:
        if tx.chain_by_hash(KIND, [new.hash]):
            return new
        check_record(tx, envelope)
        if new.signer != caller.member or caller.member not in rosters(tx).newest.directors:
            return Refused("not_allowed")
        newest = tx.newest(KIND)
        tx.add_chain(chain_record(envelope, 1 if newest is None else newest.version + 1))
        return new

    return decide(ports.store, work)
