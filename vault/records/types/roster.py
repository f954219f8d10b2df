"""The roster: the members of the practice, their roles and keys, and the keys of its installation."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Annotated

from vault.records.encoding import RecordError
from vault.records.fields import At, Hash, Id, Instant, Key, Listed, Ordinal, text, word
from vault.records.seen import MemberRecord

ROOT, NEW_ROOT = "root", "new_root"
DIRECTOR, COACH = "director", "coach"
ROLES = frozenset({DIRECTOR, COACH})
ORDINARY, RECOVERY = "ordinary", "recovery"
KINDS = frozenset({ORDINARY, RECOVERY})
SUITE = "mlkem768x25519"
MAX_MEMBERS = 1000
# What a key of the installation is for. The worker alone holds the first two, the gateway the third.
LEDGER, CHECKPOINT, ATTEST = "ledger", "checkpoint", "attest"
USES = (LEDGER, CHECKPOINT, ATTEST)
Suites = Annotated[tuple[Annotated[str, text(32)], ...], Listed(1, 8)]


def practice_id(root: bytes) -> str:
    """The practice's id: the first 16 bytes of SHA-256 of its first root's public key, hex."""
    return hashlib.sha256(root).hexdigest()[:32]


def recipient_hash(recipient: str) -> str:
    """SHA-256 of a member's recipient string, hex."""
    return hashlib.sha256(recipient.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class RosterMember:
    """One member: `signing` is the Ed25519 public key, `recipient` a hash, `card` binds name and e-mail address."""

    id: Id
    role: Annotated[str, word(ROLES)]
    signing: Key
    recipient: Hash
    card: Hash
    since: Instant
    until: Instant | None = None

    @property
    def active(self) -> bool:
        """True until the member has left."""
        return self.until is None


@dataclass(frozen=True, slots=True)
class RosterKey:
    """One key of the installation and what it may sign; a use that a reader does not know gives no right."""

    key: Key
    uses: Annotated[tuple[Annotated[str, word(frozenset(USES))], ...], Listed(1, 16)]
    since: Instant
    until: Instant | None = None


@dataclass(frozen=True, slots=True)
class Roster(MemberRecord):
    """One version of the roster; `root` and `recovery` are the public halves of the current recovery sheet."""

    version: Ordinal
    previous: Hash | None
    kind: Annotated[str, word(KINDS)]
    root: Key
    recovery: Annotated[str, text(4000)]
    members: Annotated[tuple[RosterMember, ...], Listed(1, MAX_MEMBERS)]
    installations: Annotated[tuple[RosterKey, ...], Listed(0, 64)]
    at: Instant
    signature_suites: Annotated[Suites, At("suites.signature")] = ("ed25519",)
    dossier_suites: Annotated[Suites, At("suites.dossier")] = (SUITE,)

    def member(self, member: str) -> RosterMember | None:
        """The member of that id, active or not."""
        return next((m for m in self.members if m.id == member), None)

    def installation(self, key: bytes) -> RosterKey | None:
        """The entry of that key of the installation, ended or not."""
        return next((each for each in self.installations if each.key == key), None)

    @property
    def directors(self) -> frozenset[str]:
        """The ids of the directors who have not left."""
        return frozenset(m.id for m in self.members if m.role == DIRECTOR and m.active)

    @property
    def active(self) -> frozenset[str]:
        """The ids of all members who have not left, in a role that this software knows: nobody else has any right."""
        return frozenset(m.id for m in self.members if m.active and m.role in ROLES)

    @property
    def present(self) -> frozenset[str]:
        """The ids of all members who have not left, in whatever role."""
        return frozenset(m.id for m in self.members if m.active)

    def check(self) -> None:
        """Raise RecordError for what stands twice. `vault.rules.rosters` checks who may sign a roster."""
        if len({m.id for m in self.members}) != len(self.members):
            raise RecordError("a member stands twice in the roster")
        if any(len(set(suites)) != len(suites) for suites in (self.signature_suites, self.dossier_suites)):
            raise RecordError("a suite stands twice in the roster")
        if len({each.key for each in self.installations}) != len(self.installations):
            raise RecordError("a key of the installation stands twice in the roster")
