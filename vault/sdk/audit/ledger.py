"""Verifies the ledger of tombstones: signed by the practice's installation, without gaps, never shorter than before.

A tombstone explains an absence only if the erasure was due, or was requested by a member with the right to it
(design.md, "Signed records").
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from vault.errors import IntegrityError
from vault.records import read
from vault.records.envelope import from_json
from vault.records.types.tombstone import RETENTION, Tombstone
from vault.rules.authority import check_signer
from vault.rules.terms import start_of
from vault.rules.verdict import Refused
from vault.rules.versions import last_entry, next_entry
from vault.sdk.device.pins import LEDGER
from vault.sdk.errors import ForkError, RollbackError

if TYPE_CHECKING:
    from datetime import datetime

    from vault.sdk.people.session import SignedIn

CLOCK_SLACK = timedelta(minutes=5)
_ROLLED_BACK = "Nothing was changed. The server may have been put back to an older state: tell the director."
_FORKED = "Nothing was changed. Do not go on: tell the director, and keep this device as it is."


class LedgerError(IntegrityError):
    """The ledger of tombstones has a gap or a broken link."""

    code = "ledger_invalid"


def read_ledger(signed_in: SignedIn) -> tuple[Tombstone, ...]:
    """Every tombstone of the practice, verified and pinned; ascending.

    Raises SignatureError, RosterError, LedgerError, and RollbackError or ForkError against the pins.
    """
    found: list[Tombstone] = []
    for item in signed_in.api.pages("/tombstones", after="0"):
        envelope = from_json(read.mapping(item, "tombstone"), "tombstone")
        check_signer(envelope, signed_in.rosters)
        tombstone = Tombstone.read(envelope)
        if isinstance(next_entry(tombstone, last_entry(found[-1] if found else None)), Refused):
            raise LedgerError(f"the ledger of tombstones breaks off after number {len(found)}")
        found.append(tombstone)
    _check_seen(signed_in, found)
    if found:
        signed_in.pins.see_mark(LEDGER, len(found), found[-1].hash)
    return tuple(found)


def in_time(tombstone: Tombstone, now: datetime) -> bool:
    """True unless its time is in the future, by the device's clock with a tolerance of five minutes."""
    return tombstone.at <= now + CLOCK_SLACK


def explains_dossier(signed_in: SignedIn, tombstone: Tombstone) -> bool:
    """Whether a tombstone explains a dossier's absence: not from the future, and by retention not before the seen day.

    The request of a client's or staff's erasure is destroyed with the dossier; the audit keeps who requested it.
    """
    if tombstone.kind != "dossier" or not in_time(tombstone, signed_in.now()):
        return False
    day = signed_in.pins.day_of(tombstone.subject)
    return tombstone.reason != RETENTION or day is None or start_of(day) <= tombstone.at


def _check_seen(signed_in: SignedIn, found: list[Tombstone]) -> None:
    seen = signed_in.pins.marks.get(LEDGER)
    if seen is None:
        return
    if len(found) < seen.number:
        raise RollbackError("the server shows fewer tombstones than this device has seen", advice=_ROLLED_BACK)
    if found[seen.number - 1].hash != seen.hash:
        raise ForkError("the server shows other tombstones than this device has seen", advice=_FORKED)
