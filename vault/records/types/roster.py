"""The roster: who belongs to the practice, in which role, with which keys."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from vault.records import read
from vault.records.encoding import RecordError, format_instant, to_base64url
from vault.records.envelope import Envelope

ROOT = "root"
DIRECTOR, COACH = "director", "coach"
ROLES = frozenset({DIRECTOR, COACH})
KINDS = frozenset({"ordinary", "recovery"})
SUITE = "mlkem768x25519"
MAX_MEMBERS = 1000


def practice_id(root: bytes) -> str:
    """The practice's id: the first 16 bytes of SHA-256 of its first root's public key, hex."""
    return hashlib.sha256(root).hexdigest()[:32]


def recipient_hash(recipient: str) -> str:
    """SHA-256 of a member's recipient string, hex."""
    return hashlib.sha256(recipient.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class RosterMember:
    """One member: `signing` is the Ed25519 public key, `recipient` a hash, `card` binds name and e-mail address."""

    id: str
    role: str
    signing: bytes
    recipient: str
    card: str
    since: datetime
    until: datetime | None = None

    @property
    def active(self) -> bool:
        """True until the member has left."""
        return self.until is None

    def to_json(self) -> dict[str, Any]:
        """As the roster writes it."""
        return {
            "id": self.id,
            "role": self.role,
            "signing": to_base64url(self.signing),
            "recipient": self.recipient,
            "card": self.card,
            "since": format_instant(self.since),
            "until": None if self.until is None else format_instant(self.until),
        }


@dataclass(frozen=True, slots=True)
class Roster:
    """One version of the roster; `root` and `recovery` are the public halves of the current recovery sheet."""

    hash: str
    practice: str
    version: int
    previous: str | None
    kind: str
    root: bytes
    recovery: str
    members: tuple[RosterMember, ...]
    installations: tuple[bytes, ...]
    at: datetime
    signer: str
    signature_suites: tuple[str, ...] = ("ed25519",)
    dossier_suites: tuple[str, ...] = (SUITE,)

    def member(self, member: str) -> RosterMember | None:
        """The member of that id, gone or not."""
        return next((m for m in self.members if m.id == member), None)

    @property
    def directors(self) -> frozenset[str]:
        """The ids of the directors who have not left."""
        return frozenset(m.id for m in self.members if m.role == DIRECTOR and m.active)

    @property
    def active(self) -> frozenset[str]:
        """The ids of all members who have not left."""
        return frozenset(m.id for m in self.members if m.active)

    def content(self) -> dict[str, Any]:
        """The fields of a new record of this roster (`hash`, `practice` and `signer` are the envelope's)."""
        return {
            "version": self.version,
            "previous": self.previous,
            "kind": self.kind,
            "root": to_base64url(self.root),
            "recovery": self.recovery,
            "suites": {"signature": list(self.signature_suites), "dossier": list(self.dossier_suites)},
            "members": [m.to_json() for m in self.members],
            "installations": [to_base64url(key) for key in self.installations],
            "at": format_instant(self.at),
        }


def read_roster(envelope: Envelope) -> Roster:
    """What a roster's record says; raises RecordError. Who signed it is `vault.rules.chains`'s business."""
    fields = envelope.fields
    members = tuple(_member(member) for member in read.objects(fields, "members", least=1, most=MAX_MEMBERS))
    if len({m.id for m in members}) != len(members):
        raise RecordError("a member stands twice in the roster")
    suites = read.mapping(fields, "suites")
    keys = tuple(read.octets({"key": key}, "key", 32) for key in read.items(fields, "installations", most=64))
    return Roster(
        hash=envelope.hash,
        practice=read.identifier(fields, "practice"),
        version=read.integer(fields, "version", least=1),
        previous=read.optional(read.digest, fields, "previous"),
        kind=read.one_of(fields, "kind", KINDS),
        root=read.octets(fields, "root", 32),
        recovery=read.text(fields, "recovery", limit=4000),
        members=members,
        installations=keys,
        at=read.instant(fields, "at"),
        signer=envelope.signer,
        signature_suites=_names(suites, "signature"),
        dossier_suites=_names(suites, "dossier"),
    )


def _member(value: read.Fields) -> RosterMember:
    return RosterMember(
        id=read.identifier(value, "id"),
        role=read.one_of(value, "role", ROLES),
        signing=read.octets(value, "signing", 32),
        recipient=read.digest(value, "recipient"),
        card=read.digest(value, "card"),
        since=read.instant(value, "since"),
        until=read.optional(read.instant, value, "until"),
    )


def _names(value: read.Fields, name: str) -> tuple[str, ...]:
    names = read.items(value, name, least=1, most=8)
    return tuple(read.text({"name": member}, "name", limit=32) for member in names)
