"""Closes a trajectory, which starts the clock of retention, and reopens it, which stops the clock (promise R6)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar

from vault.errors import IntegrityError
from vault.records.encoding import RecordError
from vault.records.envelope import TooOldError, from_json
from vault.records.types.dossier import KINDS
from vault.records.types.index import SUPERSEDED, Removal
from vault.records.types.trajectory import Trajectory
from vault.rules.rights import check_signer
from vault.rules.terms import Ended, destroy_on
from vault.sdk.device.clock import local_day
from vault.sdk.device.list_cache import note_day
from vault.sdk.device.pin_kinds import Mark
from vault.sdk.dossiers.dossier_records import dossier_records
from vault.sdk.errors import AnswerError
from vault.sdk.server.answers import mapping
from vault.sdk.server.retry import again

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vault.records.envelope import Envelope
    from vault.sdk.dossiers.open_dossier import OpenDossier


class RetentionError(IntegrityError):
    """The server's day of destruction differs from the signed records'."""

    code: ClassVar[str] = "retention_differs"


@dataclass(frozen=True, slots=True)
class Closing:
    """The records for `close` to sign, and the resulting day of destruction; None while another trajectory is open."""

    changed: tuple[tuple[Trajectory, Trajectory], ...]
    destroy_on: date | None


def plan(dossier: OpenDossier, on: date | None = None, *, grace: bool = True) -> Closing:
    """Plan the end of the open trajectories, today or `on` that day, to be shown before `close` signs it.

    Closing again without a day changes nothing; with another day it corrects the last end. A day before the
    trajectory's start also moves the start: guidance may begin before its dossier is opened here. Without `grace`,
    which only a director may sign, a dossier whose term is over already is not kept for 30 days.
    """
    _check_kind(dossier)
    current = trajectories(dossier)
    running = [each for each in current if each.end is None]
    now = dossier.signed_in.now()
    day = on or local_day(now)
    if not running and not (on is None and grace):
        running = [max(current, key=_end)]
        day = on or _end(running[0])
    policy = dossier.signed_in.policy.hash
    changed = {
        each.id: (each, replace(each, start=min(each.start, day), end=day, policy=policy, grace=grace, at=now))
        for each in running
        if (each.end, each.grace) != (day, grace)
    }
    after = [changed[each.id][1] if each.id in changed else each for each in current]
    return Closing(tuple(changed.values()), destroy_on(_terms(dossier, after)))


def close(dossier: OpenDossier, on: date | None = None, *, grace: bool = True) -> date | None:
    """Sign a plan; returns the day of destruction."""
    _add(dossier, plan(dossier, on, grace=grace).changed)
    return retention(dossier)


def reopen(dossier: OpenDossier) -> date | None:
    """Reopen the trajectory that ended last, so that nothing is destroyed; returns the day of destruction: None."""
    _check_kind(dossier)
    current = trajectories(dossier)
    if all(each.end is not None for each in current):
        last = max(current, key=_end)
        _add(dossier, [(last, replace(last, end=None, grace=True))])
    return retention(dossier)


class TermsDamagedError(IntegrityError):
    """Trajectories that the index lists are damaged: the day of destruction follows from them, too."""

    code: ClassVar[str] = "damaged"

    def __init__(self, records: Sequence[str]) -> None:
        super().__init__(
            "a record that the day of destruction follows from is damaged on the server",
            advice="Everything else is whole. Tell the director; the dossier can still be erased.",
        )
        self.records = tuple(records)


def retention(dossier: OpenDossier) -> date | None:
    """The day of destruction by the signed records; raises RetentionError when the server's differs.

    None for a dossier of a kind that this software does not know, whatever the server says.
    """
    if dossier.kind not in KINDS:
        dossier.destroy_on = None
        return None
    dossier.refresh_index()
    computed = destroy_on(_terms(dossier, trajectories(dossier)))
    answer = mapping(dossier.signed_in.api.get(f"/dossiers/{dossier.id}"), "retention").get("destroy_on")
    if answer != (None if computed is None else computed.isoformat()):
        raise RetentionError(
            f"the server would destroy this dossier on {answer}, the signed records say {computed}",
            advice="Nothing was changed. Tell the director before that day.",
        )
    dossier.destroy_on = computed
    day = None if computed is None else computed.isoformat()
    note_day(dossier.signed_in.home, dossier.signed_in.keyring.cache_key, dossier.id, dossier.index.hash, day)
    dossier.signed_in.save_pins()
    return computed


def trajectories(dossier: OpenDossier) -> list[Trajectory]:
    """The current trajectories, verified, in the order of their ids; raises IntegrityError, AnswerError."""
    listed, found, damaged = dossier.records, list[Trajectory](), dict[str, str]()
    for record in dossier_records(dossier, damaged=damaged):
        if record.kind == "trajectory" and record.hash in listed:
            check_signer(record.envelope, dossier.signed_in.rosters, dossier.heads)
            found.append(Trajectory.read(record.envelope))
    if hurt := [each for each, kind in damaged.items() if kind == "trajectory" and each in listed]:
        raise TermsDamagedError(sorted(hurt))
    if not found or len({each.id for each in found}) != len(found):
        raise AnswerError("the server does not show the trajectories that the index lists")
    dossier.signed_in.hear(*found)
    see_terms(dossier, found)
    return sorted(found, key=lambda each: each.id)


def see_terms(dossier: OpenDossier, found: Sequence[Trajectory]) -> None:
    """Pin all trajectories that the index lists; raises RollbackError or ForkError."""
    shown = {each.id: Mark(each.version, each.hash) for each in found}
    dossier.signed_in.pins.see_terms(dossier.id, shown, dossier.index.standing.version)


def see_listed_terms(dossier: OpenDossier, items: Sequence[dict[str, Any]]) -> None:
    """Pin the trajectories among all records of a dossier, for a command that asks nothing else of them.

    So an end that was taken back is not believed by a device either that only put or shared something since. What does
    not verify is told by whoever needs it.
    """
    found = []
    for item in items:
        if item.get("type") != "trajectory" or item.get("record") is None:
            continue
        try:
            envelope = from_json(mapping(item, "record"), "trajectory")
            check_signer(envelope, dossier.signed_in.rosters, dossier.heads)
            found.append(Trajectory.read(envelope))
        except (IntegrityError, RecordError):
            return
    listed = [each for each in found if each.hash in dossier.records]
    if listed and len({each.id for each in listed}) == len(listed):
        see_terms(dossier, listed)


def _check_kind(dossier: OpenDossier) -> None:
    """Raise TooOldError for a dossier of an unknown kind: this software cannot say how long it is kept."""
    if dossier.kind not in KINDS:
        raise TooOldError("this kind of dossier")


def _terms(dossier: OpenDossier, among: Sequence[Trajectory]) -> list[Ended]:
    return [Ended.of(each, dossier.signed_in.policy_of(each.policy).months.get(dossier.kind)) for each in among]


def _end(trajectory: Trajectory) -> date:
    assert trajectory.end is not None
    return trajectory.end


def _add(dossier: OpenDossier, changed: Sequence[tuple[Trajectory, Trajectory]]) -> None:
    """Send the next versions, with the index that lists them instead of their predecessors, in one request."""
    if not changed:
        return
    records = [_next(dossier, before, after) for before, after in changed]
    body: list[dict[str, Any]] = [{"type": "trajectory", "record": r.to_json(), "text": None} for r in records]
    path = f"/dossiers/{dossier.id}/records"

    def send(index: Envelope) -> dict[str, Any]:
        return again(lambda: dossier.signed_in.api.post(path, json={"records": body, "index": index.to_json()}))

    pairs = zip(changed, records, strict=True)
    superseded = [Removal(before.hash, SUPERSEDED, record.hash) for (before, _), record in pairs]
    dossier.with_index(send, add=[record.hash for record in records], drop=superseded)


def _next(dossier: OpenDossier, before: Trajectory, after: Trajectory) -> Envelope:
    signed_in = dossier.signed_in
    content = replace(
        after, standing=signed_in.standing, version=before.version + 1, previous=before.hash, at=signed_in.now()
    ).content()
    return signed_in.sign("trajectory", content)
