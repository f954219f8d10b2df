"""Verifies the ledger of tombstones: signed by the practice's installation, without gaps, never shorter than before.

A tombstone explains an absence only if the erasure was due, or was requested by a member with the right to it
(design.md, "Signed records").
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vault.errors import IntegrityError
from vault.records import read
from vault.records.encoding import RecordError
from vault.records.envelope import from_json
from vault.records.seen import LEDGER
from vault.records.types.tombstone import RETENTION, Tombstone
from vault.records.types.trajectory import Trajectory
from vault.rules.evidence import Evidence, Warrant, read_evidence, read_warrant
from vault.rules.rights import check_signer
from vault.rules.terms import CLOCK_SLACK
from vault.rules.verdict import Refused
from vault.rules.versions import next_signed
from vault.sdk.device.pin_kinds import Mark, SeenDossier, SeenIndex
from vault.sdk.errors import ForkError, RollbackError

if TYPE_CHECKING:
    from datetime import datetime

    from vault.rules.rosters import Rosters
    from vault.sdk.people.session import SignedIn

_ROLLED_BACK = "Nothing was changed. The server may have been put back to an older state: tell the director."
_FORKED = "Nothing was changed. Do not go on: tell the director, and keep this device as it is."


class LedgerError(IntegrityError):
    """The ledger of tombstones has a gap or a broken link."""

    code = "ledger_invalid"


@dataclass(frozen=True, slots=True)
class Entry:
    """A tombstone and the evidence it stands on; `warrant` is None where no evidence bears it out."""

    tombstone: Tombstone
    evidence: Evidence | None = None
    warrant: Warrant | None = None


def read_ledger(signed_in: SignedIn) -> tuple[Entry, ...]:
    """Every tombstone of the practice, verified and pinned, with its evidence; the newest last.

    Raises SignatureError, RosterError, LedgerError, and RollbackError or ForkError against what this device has seen.
    Evidence that does not hold only leaves its own tombstone unexplained.
    """
    found: list[Entry] = []
    judged: dict[str, tuple[Evidence, Warrant]] = {}
    for item in signed_in.api.pages("/tombstones", after="0"):
        envelope = from_json(read.mapping(item, "tombstone"), "tombstone")
        check_signer(envelope, signed_in.rosters)
        tombstone = Tombstone.read(envelope)
        if isinstance(next_signed(tombstone, found[-1].tombstone if found else None), Refused):
            raise LedgerError(f"the ledger of tombstones breaks off after number {len(found)}")
        if item.get("evidence") is not None:
            judged |= _judged(item["evidence"], signed_in.rosters)
        found.append(Entry(tombstone, *judged.get(tombstone.evidence, (None, None))))
    _check_seen(signed_in, [each.tombstone for each in found])
    if found:
        signed_in.pins.see_links(LEDGER, 1, [each.tombstone.hash for each in found])
    return tuple(found)


def _judged(value: Any, rosters: Rosters) -> dict[str, tuple[Evidence, Warrant]]:
    """Evidence and what it permits, under its digest; nothing where it does not hold."""
    try:
        evidence = read_evidence(read.mapping({"evidence": value}, "evidence"))
        return {evidence.digest: (evidence, read_warrant(evidence, rosters))}
    except (IntegrityError, RecordError):
        return {}


def explained(signed_in: SignedIn, entry: Entry) -> bool:
    """Whether evidence bears a tombstone out, and fits what this device has seen of the dossier.

    The heads of the evidence are those that were seen, no request was taken back, no trajectory is older than the one
    that was seen, and the dossier was not seen alive under a newer roster than the tombstone stands on. The day of
    destruction follows from the evidence alone, never from an answer.
    """
    tombstone, evidence, warrant = entry.tombstone, entry.evidence, entry.warrant
    if evidence is None or warrant is None or not in_time(tombstone, signed_in.now()):
        return False
    try:
        warrant.check(tombstone, signed_in.rosters)
    except IntegrityError:
        return False
    pins, dossier = signed_in.pins, tombstone.dossier
    if tombstone.kind == "dossier" and tombstone.standing.version < _alive_under(pins.index_of(dossier)):
        return False
    if warrant.request in pins.withdrawn.get(dossier, frozenset()):
        return False
    return _same_heads(evidence, pins.head_of(dossier)) and (
        tombstone.reason != RETENTION
        or _same_terms(evidence, pins.terms_of(dossier), pins.terms_roster.get(dossier, 0))
    )


def _alive_under(seen: SeenIndex | None) -> int:
    """The version of the roster that the newest index seen stands on: what is destroyed gets no index any more."""
    return 0 if seen is None else seen.roster


def _same_heads(evidence: Evidence, seen: SeenDossier | None) -> bool:
    if seen is None:
        return True
    return len(evidence.heads) >= seen.version and evidence.heads[seen.version - 1].hash == seen.head


def _same_terms(evidence: Evidence, seen: dict[str, Mark], roster: int) -> bool:
    """Every trajectory that was seen is there, as it was or newer; what is new stands on no older roster than that.

    When they were seen an index listed them that stood on that roster: what came later was signed by a member of it.
    """
    shown = {each.id: each for each in map(Trajectory.read, evidence.trajectories)}
    newer = [each for each in shown.values() if seen.get(each.id) != Mark(each.version, each.hash)]
    if not seen:
        return True
    return (
        seen.keys() <= shown.keys()
        and all(each.standing.version >= roster for each in newer)
        and all(each.version > seen[each.id].number for each in newer if each.id in seen)
    )


def in_time(tombstone: Tombstone, now: datetime) -> bool:
    """True unless its time is in the future, by the device's clock with a tolerance of five minutes."""
    return tombstone.at <= now + CLOCK_SLACK


def explains_dossier(signed_in: SignedIn, entry: Entry) -> bool:
    """Whether a tombstone explains that a whole dossier is gone."""
    return entry.tombstone.kind == "dossier" and explained(signed_in, entry)


def _check_seen(signed_in: SignedIn, found: list[Tombstone]) -> None:
    seen = signed_in.pins.marks.get(LEDGER)
    if seen is None:
        return
    if len(found) < seen.number:
        raise RollbackError("the server shows fewer tombstones than this device has seen", advice=_ROLLED_BACK)
    if found[seen.number - 1].hash != seen.hash:
        raise ForkError("the server shows other tombstones than this device has seen", advice=_FORKED)
