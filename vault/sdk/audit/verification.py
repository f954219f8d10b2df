"""Verifies a dossier's audit chain: online against this device's pins, or offline from an exported file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vault.errors import IntegrityError
from vault.records import read
from vault.records.encoding import RecordError, dump, from_base64url, parse_object, to_base64url
from vault.records.envelope import Envelope, from_json
from vault.rules import chains
from vault.rules.chains import Rosters
from vault.sdk.audit.audit_chain import (
    LEAF,
    Entry,
    check_checkpoints,
    check_covered,
    check_entries,
    check_seen,
    read_entry,
)
from vault.sdk.checks import Check, Findings
from vault.sdk.device.pins import CHECKPOINT, Mark, Pins, audit_mark
from vault.sdk.errors import ApiError, NotFoundError

if TYPE_CHECKING:
    from vault.sdk.people.session import SignedIn

VERSION = 1
MAX_FILE = 256 * 1024 * 1024
RECENT = 48
FILE, ROSTERS, PRACTICE = "file", "rosters", "practice"
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
    try:
        items = list(signed_in.api.pages(f"/dossiers/{dossier}/audit", after="0"))
    except ApiError as error:
        if error.code == "not_found":
            raise NotFoundError("there is no such dossier among yours", advice="See: dossier ls") from error
        raise
    entries = tuple(read_entry(item) for item in items)
    return Evidence(dossier, entries, tuple(checkpoints), leaves, signed_in.roster_envelopes)


def verify_online(signed_in: SignedIn, dossier: str) -> list[Check]:
    """Verify the server's chain, also against the pins; pin the verified state."""
    evidence, pins = fetch_evidence(signed_in, dossier), signed_in.pins
    findings = Findings()
    _check(evidence, signed_in.rosters, pins, findings)
    if findings.ok:
        pins.see_mark(audit_mark(dossier), len(evidence.entries), evidence.entries[-1].hash)
        if evidence.checkpoints:
            last = evidence.checkpoints[-1]
            pins.see_mark(CHECKPOINT, read.integer(last.fields, "sequence"), last.hash)
        signed_in.save_pins()
    return findings.all()


def verify_file(raw: bytes, practice: str | None) -> list[Check]:
    """Verify an exported file without any server; `practice` is the reader's known id, or None."""
    findings = Findings()
    findings.passed(FILE)
    try:
        evidence = parse_evidence(raw)
    except RecordError as error:
        findings.failed(FILE, "unreadable", reason=str(error))
        return findings.all()
    findings.passed(ROSTERS)
    try:
        chain = chains.first(evidence.rosters[0])
        for envelope in evidence.rosters[1:]:
            chain = chain.append(envelope)
    except (IntegrityError, RecordError) as error:
        findings.failed(ROSTERS, "rosters_broken", reason=str(error))
        return findings.all()
    findings.passed(PRACTICE)
    if practice is not None and practice != chain.newest.practice:
        findings.failed(PRACTICE, "other_practice")
    _check(evidence, chain, Pins(), findings)
    return findings.all()


def _check(evidence: Evidence, rosters: Rosters, pins: Pins, findings: Findings) -> None:
    check_entries(evidence.dossier, evidence.entries, findings)
    check_seen(evidence.entries, pins.marks.get(audit_mark(evidence.dossier)), findings)
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
