"""Whether the vault can do its work now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from vault.domain.clock import Doubt, past
from vault.domain.erasures import LATE_AFTER
from vault.domain.people import PracticeRow
from vault.domain.positions import Finding
from vault.errors import VaultError
from vault.flows.clock.trusting import in_doubt
from vault.flows.context import Ports
from vault.flows.installation_keys import unlisted
from vault.flows.positions.saying import told

SWEEP, COMPARED, COMPLETE = "sweep", "compared", "complete"
JUDGED, REFUSED, ERASURES = "erasures judged", "erasures refused", "erasures"
STORES, CLOCK = "stores", "clock"
ENGINES = ("records", "keystore", "objects")
WORK = "work"
ESCROWED, ESCROW = "escrowed", "escrow"
BACKUP, BACKUP_EVERY = "backup", timedelta(days=7)
LISTED, UNLISTED, KEYS = "keys looked at", "keys unlisted", "keys"


@dataclass(frozen=True, slots=True)
class Check:
    """One part and whether it works; `advice` if it does not, or if it is worth a word."""

    name: str
    ok: bool
    advice: str = ""


def engine(ports: Ports, name: str) -> list[Check]:
    """Whether that one answers; it asks for no lock that keeps others waiting."""
    ask = {"records": ports.store.check, "keystore": ports.keystore.check_reading, "objects": ports.objects.check}[name]
    try:
        ask()
    except VaultError as error:
        return [Check(name, ok=False, advice=error.advice or str(error))]
    return [Check(name, ok=True)]


def work(ports: Ports, now: datetime, offset: timedelta = timedelta(0), every: timedelta = BACKUP_EVERY) -> list[Check]:
    """What the records say of the clock, of the worker's work, and of the backups, one of which is due `every`."""
    with ports.store.reading() as tx:
        practice, beats, waiting = tx.practice(), past(tx.heartbeats(), now), unlisted(ports, tx, now)
        clock = _clock(in_doubt(tx, now, offset))
    listed, escrow = _listed(beats, waiting), _escrow(practice, beats, now)
    backup = _backup(practice, beats, now, every)
    return [clock, _sweep(practice, beats, now), _complete(beats), _permitted(beats), backup, escrow, listed]


def _clock(doubt: Doubt | None) -> Check:
    """Whether the clock is believed: the worker holds everything that goes by it until then."""
    if doubt is None:
        return Check(CLOCK, ok=True)
    return Check(
        CLOCK,
        ok=False,
        advice=f"The clock says {doubt.now:%Y-%m-%d %H:%M} UTC and was last believed at {doubt.last:%Y-%m-%d %H:%M} "
        "UTC: nothing is destroyed. Set it right. If it is right, a director agrees by `dossier repair`, or two "
        "members sign in: RUNBOOK, “Wrong clock”.",
    )


def together(findings: tuple[Finding, ...] | None) -> Check:
    """Whether the four stores belong together."""
    if findings is None:
        return Check(STORES, ok=False, advice="The stores were not compared yet: one of them does not answer.")
    return Check(STORES, ok=not findings, advice=told(findings))


def _complete(beats: dict[str, datetime]) -> Check:
    """Whether the last comparison of rows and objects found nothing missing."""
    compared, complete = beats.get(COMPARED), beats.get(COMPLETE)
    if compared is None or compared == complete:
        return Check(COMPLETE, ok=True)
    return Check(
        COMPLETE, ok=False, advice="Objects of stored documents are missing: restore the bucket from a backup."
    )


def _permitted(beats: dict[str, datetime]) -> Check:
    """The last sweep found no erasure that nothing signed permits."""
    refused = beats.get(REFUSED)
    if refused is None or refused < beats.get(JUDGED, refused):
        return Check(ERASURES, ok=True)
    return Check(
        ERASURES,
        ok=False,
        advice="Rows ask for an erasure that nobody signed: somebody wrote to the database. Nothing was destroyed.",
    )


def _listed(beats: dict[str, datetime], waiting: tuple[str, ...]) -> Check:
    """The worker's last sweep found its keys in the newest roster, and so does this gateway those that it knows.

    The worker looks for itself: a gateway that named keys of its own at the set-up would find them here.
    """
    refused = beats.get(UNLISTED)
    if not waiting and (refused is None or refused < beats.get(LISTED, refused)):
        return Check(KEYS, ok=True)
    return Check(
        KEYS,
        ok=False,
        advice="The roster does not list a key of this installation: the worker signs and destroys nothing with it. "
        "Put the key's own file back, or let a director list it: RUNBOOK, “Installation keys”.",
    )


def _escrow(practice: PracticeRow | None, beats: dict[str, datetime], now: datetime) -> Check:
    """The worker looked within a day whether the keystore's keys are sealed to the directors of the newest roster."""
    if practice is None or now - beats.get(ESCROWED, practice.created_at) <= LATE_AFTER:
        return Check(ESCROW, ok=True)
    return Check(
        ESCROW,
        ok=False,
        advice="The keystore's keys were not sealed to the directors for a day: without an escrow the loss of the key "
        "files is the loss of every document. The worker's log says why: RUNBOOK, “Escrow”.",
    )


def _backup(practice: PracticeRow | None, beats: dict[str, datetime], now: datetime, every: timedelta) -> Check:
    """When a backup was last made and read back. It stops nobody: the vault does its work without one."""
    if practice is None:
        return Check(BACKUP, ok=True)
    last = beats.get(BACKUP)
    if last is not None and now - last <= every:
        return Check(BACKUP, ok=True, advice=f"A backup was last made and read back at {last:%Y-%m-%d %H:%M} UTC.")
    since = f"since {last:%Y-%m-%d %H:%M} UTC" if last is not None else "yet"
    return Check(
        BACKUP, ok=True, advice=f"No backup was made {since}: make one by `dossier backup DIR`. RUNBOOK, “Backups”."
    )


def _sweep(practice: PracticeRow | None, beats: dict[str, datetime], now: datetime) -> Check:
    if practice is None:
        return Check(SWEEP, ok=True)
    last = beats.get(SWEEP, practice.created_at)
    if now - last <= LATE_AFTER:
        return Check(SWEEP, ok=True)
    return Check(SWEEP, ok=False, advice=f"No sweep since {last:%Y-%m-%d %H:%M} UTC: is the worker running?")
