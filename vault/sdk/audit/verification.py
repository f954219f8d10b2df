"""Verifies a dossier's audit chain: online against this device's pins, or offline from an exported file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vault.errors import IntegrityError
from vault.records import read
from vault.records.encoding import RecordError, from_base64url, to_base64url
from vault.records.envelope import Envelope, from_json
from vault.records.seen import CHECKPOINT
from vault.records.strict_json import dump, parse_object
from vault.rules import rosters
from vault.rules.rosters import Rosters
from vault.sdk.audit.audit_chain import (
    LEAF,
    Entry,
    acts_of,
    check_checkpoints,
    check_covered,
    check_entries,
    check_mentioned,
    check_seen,
    read_entry,
)
from vault.sdk.checks import Check, Findings
from vault.sdk.device.pin_kinds import Act, Mark, audit_mark
from vault.sdk.device.pins import Pins
from vault.sdk.errors import ApiError, NotFoundError
from vault.sdk.people.known_practice import check_practice

if TYPE_CHECKING:
    from vault.sdk.people.session import SignedIn

VERSION = 1
MAX_FILE = 256 * 1024 * 1024
RECENT = 48
FILE, ROSTERS = "file", "rosters"
_MANY = 10_000_000
_FIELDS = frozenset({"v", "dossier", "entries", "checkpoints", "leaves", "rosters"})


@dataclass(frozen=True, slots=True)
class Evidence:
    """The input of a verification; `leaves` are those of the last of `checkpoints`."""

    dossier: str
    entries: tuple[Entry, ...]
    checkpoints: tuple[Envelope, ...]
    leaves: bytes
    rosters: tuple[Envelope, ...]

    def to_bytes(self) -> bytes:
        """The file `audit.json`."""
        return dump(
            {
                "v": VERSION,
                "dossier": self.dossier,
                "entries": [each.to_json() for each in self.entries],
                "checkpoints": [each.to_json() for each in self.checkpoints],
                "leaves": to_base64url(self.leaves),
                "rosters": [each.to_json() for each in self.rosters],
            }
        )


def _entries(signed_in: SignedIn, dossier: str, after: int = 0) -> tuple[Entry, ...]:
    try:
        items = list(signed_in.api.pages(f"/dossiers/{dossier}/audit", after=str(after)))
    except ApiError as error:
        if error.code == "not_found":
            raise NotFoundError("there is no such dossier among yours", advice="See: dossier ls") from error
        raise
    return tuple(read_entry(item) for item in items)


def parse_evidence(raw: bytes) -> Evidence:
    """The inverse of `to_bytes`, not verified; raises RecordError."""
    fields = parse_object(raw, limit=MAX_FILE)
    read.integer(fields, "v", least=VERSION, most=VERSION)
    if set(fields) != _FIELDS:
        raise RecordError("an audit file has other fields than it may have")
    leaves = fields.get("leaves")
    if not isinstance(leaves, str) or len(raw_leaves := from_base64url(leaves)) % LEAF:
        raise RecordError("field 'leaves' must be base64url of 32 bytes each")
    return Evidence(
        dossier=read.identifier(fields, "dossier"),
        entries=tuple(read_entry(each) for each in read.objects(fields, "entries", most=_MANY)),
        checkpoints=tuple(from_json(each, "checkpoint") for each in read.objects(fields, "checkpoints", most=_MANY)),
        leaves=raw_leaves,
        rosters=tuple(from_json(each, "roster") for each in read.objects(fields, "rosters", least=1, most=10_000)),
    )


def fetch_evidence(signed_in: SignedIn, dossier: str) -> Evidence:
    """Fetch the evidence: first the newest checkpoint, then the chain, so that the chain contains all it signed.

    Checkpoints: those after the pinned one, and at least the last 48. Raises NotFoundError.
    """
    newest, leaves = _newest(signed_in)
    checkpoints: list[Envelope] = []
    if newest is not None:
        last = read.integer(newest.fields, "sequence", least=1)
        seen = signed_in.pins.marks.get(CHECKPOINT)
        first = min(last - RECENT, last if seen is None else seen.number - 1)
        for item in signed_in.api.pages("/checkpoints", after=str(max(first, 0))):
            checkpoints.append(from_json(item, "checkpoint"))
            if checkpoints[-1].hash == newest.hash:
                break
        else:
            checkpoints.append(newest)
    return Evidence(dossier, _entries(signed_in, dossier), tuple(checkpoints), leaves, signed_in.roster_envelopes)


def verify_online(signed_in: SignedIn, dossier: str, acts: Iterable[Act] = ()) -> list[Check]:
    """Verify the server's chain, also against the pins and `acts`, which it must mention; pin the verified state.

    An act that the chain must mention twice stands twice in `acts`.
    """
    evidence, pins = fetch_evidence(signed_in, dossier), signed_in.pins
    findings = Findings()
    _check(evidence, signed_in.rosters, pins, findings)
    mentioned = acts_of(evidence.entries)
    if any(entry.details is not None for entry in evidence.entries):
        check_mentioned(mentioned, Counter(acts) | Counter(pins.acts.get(dossier, ())), findings)
    if findings.ok:
        _pin(signed_in, dossier, evidence.entries, evidence.checkpoints)
    return findings.all()


def watch(signed_in: SignedIn, dossier: str, acts: Iterable[Act]) -> list[Check]:
    """Verify what came since the pinned state, and that the chain mentions what this device did.

    Without a pinned state this verifies the whole chain, and all of `acts`. Short: for every look at a dossier.
    """
    pins, findings = signed_in.pins, Findings()
    mark = pins.audit_of(dossier)
    if mark is None:
        return verify_online(signed_in, dossier, acts)
    checkpoints = _checkpoints_since(signed_in)
    entries = _entries(signed_in, dossier, after=mark.number - 1)
    check_seen(entries, mark, findings, first=mark.number)
    check_entries(dossier, entries, findings, first=mark.number)
    check_checkpoints(checkpoints, signed_in.rosters, pins.marks.get(CHECKPOINT), findings)
    if Counter(pins.acts.get(dossier, ())) - acts_of(entries):
        # Another command may have seen them, and pinned a later state.
        return verify_online(signed_in, dossier)
    if findings.ok:
        _pin(signed_in, dossier, entries, checkpoints)
    return findings.all()


def _pin(signed_in: SignedIn, dossier: str, entries: Sequence[Entry], checkpoints: Sequence[Envelope]) -> None:
    pins, newest = signed_in.pins, entries[-1]
    pins.see_mark(audit_mark(dossier), newest.sequence, newest.hash)
    pins.see_mentioned(dossier, acts_of(entries))
    if checkpoints:
        first = read.integer(checkpoints[0].fields, "sequence")
        pins.see_links(CHECKPOINT, first, [each.hash for each in checkpoints])
    signed_in.save_pins()


def _checkpoints_since(signed_in: SignedIn) -> list[Envelope]:
    """The pinned checkpoint and those after it; none while none is pinned."""
    seen = signed_in.pins.marks.get(CHECKPOINT)
    if seen is None:
        return []
    return [from_json(each, "checkpoint") for each in signed_in.api.pages("/checkpoints", after=str(seen.number - 1))]


def verify_file(raw: bytes, practice: str | None, fingerprint: str | None = None) -> list[Check]:
    """Verify an exported file without any server; `practice` is the reader's known id, `fingerprint` that of a root.

    Without either the practice is unknown, and the file proves nothing to this reader.
    """
    findings = Findings()
    findings.passed(FILE)
    try:
        evidence = parse_evidence(raw)
    except RecordError as error:
        findings.failed(FILE, "unreadable", reason=str(error))
        return findings.all()
    findings.passed(ROSTERS)
    try:
        chain = rosters.first(evidence.rosters[0])
        for envelope in evidence.rosters[1:]:
            chain = chain.append(envelope)
    except (IntegrityError, RecordError) as error:
        findings.failed(ROSTERS, "rosters_broken", reason=str(error))
        return findings.all()
    check_practice(chain, practice, fingerprint, findings)
    _check(evidence, chain, Pins(), findings)
    return findings.all()


def _check(evidence: Evidence, rosters: Rosters, pins: Pins, findings: Findings) -> None:
    check_entries(evidence.dossier, evidence.entries, findings)
    check_seen(evidence.entries, pins.audit_of(evidence.dossier), findings)
    seen: Mark | None = pins.marks.get(CHECKPOINT)
    found = check_checkpoints(evidence.checkpoints, rosters, seen, findings)
    check_covered(evidence.dossier, evidence.entries, found[-1] if found else None, evidence.leaves, findings)


def _newest(signed_in: SignedIn) -> tuple[Envelope | None, bytes]:
    """The newest checkpoint with its leaves; empty before the first one."""
    try:
        answer: dict[str, Any] = signed_in.api.get("/checkpoints/newest")
    except ApiError as error:
        if error.code == "not_found":
            return None, b""
        raise
    leaves = answer.get("leaves")
    if not isinstance(leaves, str):
        raise RecordError("field 'leaves' must be base64url")
    return from_json(read.mapping(answer, "checkpoint"), "checkpoint"), from_base64url(leaves)
