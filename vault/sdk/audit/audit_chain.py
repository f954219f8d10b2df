"""Recomputes a dossier's audit chain: every hash, every link, and its cover by a signed checkpoint (FORMAT.md).

A missing, changed or reordered entry, or a truncation, is reported by its number.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from vault.errors import IntegrityError
from vault.records import read
from vault.records.encoding import RecordError, format_instant, from_base64url, to_base64url
from vault.records.envelope import Envelope
from vault.records.strict_json import parse_object
from vault.records.types.checkpoint import Checkpoint, heads_digest, leaf
from vault.rules.audit_entries import GENESIS, details_digest, entry_hash
from vault.rules.rights import check_signer
from vault.rules.rosters import Rosters
from vault.rules.terms import CLOCK_SLACK
from vault.rules.verdict import Refused
from vault.rules.versions import next_signed
from vault.sdk.checks import Findings
from vault.sdk.device.pin_kinds import DOCUMENT_STORED, PICKED_UP, SHARE_MADE, Act, Mark

LEAF = 32
MAX_DETAILS = 65_536
ENTRIES, CHECKPOINTS, COVERED, SEEN, MENTIONED = "entries", "checkpoints", "covered", "seen", "mentioned"
# Of each act: which id of an entry's details says what it was about, and the finding where no entry does.
ACTS = {
    DOCUMENT_STORED: ("document", "no_document_stored"),
    SHARE_MADE: ("share", "no_share_made"),
    PICKED_UP: ("share", "no_picked_up"),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One act, with pseudonyms only. `details` are None once they are deleted; the chain still verifies."""

    sequence: int
    previous: str
    hash: str
    at: datetime
    event: str
    actor: str
    digest: str
    details: bytes | None

    def to_json(self) -> dict[str, Any]:
        """The JSON form, of the server and of exports."""
        return {
            "sequence": self.sequence,
            "previous": self.previous,
            "hash": self.hash,
            "at": format_instant(self.at),
            "event": self.event,
            "actor": self.actor,
            "digest": self.digest,
            "details": None if self.details is None else to_base64url(self.details),
        }


def read_entry(value: dict[str, Any]) -> Entry:
    """An entry from JSON; raises RecordError."""
    if "details" not in value:
        raise RecordError("field 'details' must be base64url or null")
    return Entry(
        sequence=read.integer(value, "sequence", least=1),
        previous=read.digest(value, "previous"),
        hash=read.digest(value, "hash"),
        at=read.instant(value, "at"),
        event=read.text(value, "event", limit=64),
        actor=read.text(value, "actor", limit=64),
        digest=read.digest(value, "digest"),
        details=None if value.get("details") is None else from_base64url(read.text(value, "details", limit=65_536)),
    )


def check_entries(dossier: str, entries: Sequence[Entry], findings: Findings, *, first: int = 1) -> None:
    """Check the numbers (from `first` without gaps), the previous hashes, and each hash against its fields.

    What the first entry of a later part follows is not known here: the caller compares that entry with a pin.
    """
    findings.passed(ENTRIES)
    if not entries:
        findings.failed(ENTRIES, "no_entries")
    previous = GENESIS if first == 1 or not entries else entries[0].previous
    for number, entry in enumerate(entries, start=first):
        if entry.sequence != number:
            elsewhere = any(other.sequence == number for other in entries)
            findings.failed(ENTRIES, "reordered" if elsewhere else "missing", sequence=number)
            return
        computed = entry_hash(dossier, number, entry.previous, entry.at, entry.event, entry.actor, entry.digest)
        changed = entry.details is not None and details_digest(entry.details) != entry.digest
        if computed != entry.hash or changed:
            findings.failed(ENTRIES, "changed", sequence=number)
            return
        if entry.previous != previous:
            findings.failed(ENTRIES, "not_joined", sequence=number)
            return
        previous = entry.hash


def check_seen(entries: Sequence[Entry], seen: Mark | None, findings: Findings, *, first: int = 1) -> None:
    """Check that the chain, or its part from number `first` on, contains the pinned entry."""
    if seen is None:
        return
    findings.passed(SEEN)
    if first + len(entries) <= seen.number:
        findings.failed(SEEN, "cut_since_seen", sequence=first + len(entries))
    elif entries[seen.number - first].hash != seen.hash:
        findings.failed(SEEN, "other_past", sequence=seen.number)


def acts_of(entries: Sequence[Entry]) -> Counter[Act]:
    """How often the entries mention each act; deleted details, those of a destroyed dossier, mention none."""
    return Counter(act for entry in entries if (act := _act(entry)) is not None)


def _act(entry: Entry) -> Act | None:
    if entry.event not in ACTS or entry.details is None:
        return None
    about, _ = ACTS[entry.event]
    try:
        return Act(entry.event, read.identifier(parse_object(entry.details, limit=MAX_DETAILS), about))
    except RecordError:
        return None


def check_mentioned(mentioned: Counter[Act], acts: Counter[Act], findings: Findings) -> None:
    """Check that the entries mention every act that a signed record, a pick-up or this device proves."""
    findings.passed(MENTIONED)
    for act in sorted(acts):
        if mentioned[act] < acts[act]:
            findings.failed(MENTIONED, ACTS[act.event][1], id=act.id)
            return


def check_checkpoints(
    envelopes: Sequence[Envelope], rosters: Rosters, seen: Mark | None, findings: Findings
) -> list[Checkpoint]:
    """Check that each is signed by an installation of the practice and follows its predecessor, or the pinned one."""
    findings.passed(CHECKPOINTS)
    try:
        for envelope in envelopes:
            check_signer(envelope, rosters)
        found = [Checkpoint.read(envelope) for envelope in envelopes]
    except (IntegrityError, RecordError) as error:
        findings.failed(CHECKPOINTS, "checkpoint_not_signed", reason=str(error))
        return []
    for before, after in pairwise(found):
        if isinstance(next_signed(after, before), Refused):
            findings.failed(CHECKPOINTS, "checkpoint_missing", sequence=before.sequence + 1)
    if seen is not None:
        reached = {each.sequence: each.hash for each in found}
        if not found or found[-1].sequence < seen.number:
            findings.failed(CHECKPOINTS, "checkpoint_missing", sequence=seen.number)
        elif reached.get(seen.number, seen.hash) != seen.hash:
            findings.failed(CHECKPOINTS, "checkpoint_other", sequence=seen.number)
    return found


def check_covered(
    dossier: str, entries: Sequence[Entry], newest: Checkpoint | None, leaves: bytes, findings: Findings
) -> None:
    """Check that the newest checkpoint signed a state of this chain, and that all older entries are covered.

    Without a checkpoint, or for a chain that began after it, there is nothing to compare.
    """
    if newest is None:
        return
    findings.passed(COVERED)
    signed = [leaves[start : start + LEAF] for start in range(0, len(leaves), LEAF)]
    if heads_digest(signed) != newest.heads or len(signed) != newest.chains:
        findings.failed(COVERED, "leaves_differ", sequence=newest.sequence)
        return
    reached = max((e.sequence for e in entries if leaf(dossier, e.sequence, e.hash) in signed), default=0)
    older = [e.sequence for e in entries if e.at + CLOCK_SLACK < newest.at]
    if reached == 0 and older:
        findings.failed(COVERED, "cut_or_other", sequence=len(entries) + 1, checkpoint=newest.sequence)
    elif older and older[-1] > reached:
        findings.failed(COVERED, "put_in_later", sequence=reached + 1)
