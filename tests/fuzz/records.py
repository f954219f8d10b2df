"""Every type of signed record: RecordError, or a value whose own fields spell the same record again.

Promise: only RecordError comes out; what a record says, written anew and read again, says the same; everything both
sides compute from it (terms, days, pages, hashes) can be computed.
"""

from __future__ import annotations

import contextlib
import dataclasses
from typing import Any

from tests.fuzz.json_mutation import Mutate, mutate
from tests.records.samples import every
from vault.records import envelope as envelopes
from vault.records.encoding import RecordError, to_base64url
from vault.records.envelope import Envelope, SignatureError
from vault.records.record import write_fields
from vault.records.seen import MemberRecord
from vault.records.strict_json import dump, parse_object
from vault.records.table import limit_of
from vault.records.types.certificate import Certificate
from vault.records.types.certificate_check import CertificateCheck
from vault.records.types.checkpoint import Checkpoint
from vault.records.types.document import Document, segment_count, segment_length
from vault.records.types.dossier import Dossier
from vault.records.types.erasure import ErasureRequest
from vault.records.types.erasure_withdrawal import ErasureWithdrawal
from vault.records.types.index import Index
from vault.records.types.intent import Intent
from vault.records.types.invitation import Invitation
from vault.records.types.lock import Lock
from vault.records.types.policy import MAX_MONTHS, Policy
from vault.records.types.profile import Profile
from vault.records.types.repair import Repair
from vault.records.types.restoration import Restoration
from vault.records.types.roster import Roster
from vault.records.types.share import Share
from vault.records.types.tombstone import Tombstone
from vault.records.types.trajectory import Trajectory
from vault.records.types.wrap import Wrap
from vault.rules.rosters import RosterError, first
from vault.rules.terms import Ended, destroy_on, start_of
from vault.sdk.erasures.certificate_page import PageFacts, render_certificate

LONGEST = 16_384
READERS = {
    "certificate": Certificate.read,
    "certificate_check": CertificateCheck.read,
    "checkpoint": Checkpoint.read,
    "document": Document.read,
    "dossier": Dossier.read,
    "erasure": ErasureRequest.read,
    "erasure_withdrawal": ErasureWithdrawal.read,
    "index": Index.read,
    "invitation": Invitation.read,
    "lock": Lock.read,
    "policy": Policy.read,
    "profile": Profile.read,
    "repair": Repair.read,
    "restoration": Restoration.read,
    "roster": Roster.read,
    "share": Share.read,
    "tombstone": Tombstone.read,
    "trajectory": Trajectory.read,
    "wrap": Wrap.read,
    "intent": Intent.read,
}
KINDS = tuple(READERS)
SIGNATURE = {"alg": "ed25519", "signer": "root", "sig": to_base64url(bytes(64))}


def check(data: bytes) -> None:
    kind = KINDS[data[0] % len(KINDS)] if data else KINDS[0]
    raw = dump({"record": to_base64url(data[1:]), "signatures": [SIGNATURE]})
    try:
        envelope = envelopes.parse(raw, kind)
        record = READERS[kind](envelope)
    except RecordError:
        return
    assert envelope.record == data[1:]
    check_again(envelope, record)
    check_computed(envelope, record)


def check_again(envelope: Envelope, record: Any) -> None:
    """The writer's spelling of what was read is read as the same."""
    common = {name: envelope.fields[name] for name in ("v", "type", "practice", "signer")}
    if isinstance(record, MemberRecord):
        common["seen"] = write_fields(record.seen)
    written = dump({**common, **record.content()})
    fields = parse_object(written, limit=limit_of(envelope.kind) * 2)
    again = READERS[envelope.kind](Envelope(envelope.kind, envelope.record, (), fields))
    assert dataclasses.replace(again) == record
    assert dump({**common, **again.content()}) == written


def check_computed(envelope: Envelope, record: Any) -> None:
    if isinstance(record, Trajectory):
        day = destroy_on([Ended.of(record, MAX_MONTHS)])
        assert (day is None) == (record.end is None)
        if day is not None:
            start_of(day).timestamp()
    elif isinstance(record, Certificate):
        render_certificate(record, PageFacts("practice", "words", "file", "digest"))
    elif envelope.kind == "document":
        count = segment_count(record.size)
        assert sum(segment_length(record.size, number) for number in range(count)) == record.size
    elif envelope.kind == "roster":
        with contextlib.suppress(RosterError, SignatureError):
            first(envelope)


def custom_mutator(data: bytes, longest: int, seed: int, fallback: Mutate) -> bytes:
    return mutate(data, longest, seed, fallback, prefix=1)


def seeds() -> dict[str, bytes]:
    return {kind: bytes([KINDS.index(kind)]) + sample.record for kind, sample in every().items()}
