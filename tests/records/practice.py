"""A small practice with fixed keys, for tests of records: one root, one director, two coaches."""

from __future__ import annotations

import dataclasses
from datetime import UTC, date, datetime

from nacl.signing import SigningKey

from vault.records import envelope as envelopes
from vault.records.envelope import Envelope
from vault.records.standing import Standing
from vault.records.types.dossier import Dossier, holders_of
from vault.records.types.policy import DEFAULT_MONTHS, Policy
from vault.records.types.roster import (
    ATTEST,
    CHECKPOINT,
    LEDGER,
    USES,
    Roster,
    RosterKey,
    RosterMember,
    practice_id,
    recipient_hash,
)
from vault.records.types.trajectory import Trajectory
from vault.rules.rosters import Rosters, first

URL = "https://kluis.example"
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
TODAY = date(2026, 11, 23)
ROOT = SigningKey(b"R" * 32)
INSTALLATION = {LEDGER: SigningKey(b"I" * 32), CHECKPOINT: SigningKey(b"P" * 32), ATTEST: SigningKey(b"A" * 32)}
NEW_ROOT = SigningKey(b"N" * 32)
DIRECTOR, COACH, OTHER = "d0" * 16, "c0" * 16, "0c" * 16
KEYS = {DIRECTOR: SigningKey(b"D" * 32), COACH: SigningKey(b"C" * 32), OTHER: SigningKey(b"O" * 32)}
PRACTICE = practice_id(bytes(ROOT.verify_key))
DOSSIER = "ab" * 16


def member(id_: str, role: str = "coach", until: datetime | None = None) -> RosterMember:
    return RosterMember(id_, role, bytes(KEYS[id_].verify_key), recipient_hash(f"age1{id_}"), "0" * 64, NOW, until)


def installation(use: str, until: datetime | None = None, **changes: object) -> RosterKey:
    base = RosterKey(bytes(INSTALLATION[use].verify_key), (use,), NOW, until)
    return dataclasses.replace(base, **changes)


def write(kind: str, content: dict[str, object], signer: str, key: SigningKey | None = None) -> Envelope:
    return envelopes.write(kind, content, practice=PRACTICE, signer=signer, key=key or KEYS[signer])


def roster(**changes: object) -> Roster:
    base = Roster(
        practice=PRACTICE,
        version=1,
        previous=None,
        kind="ordinary",
        root=bytes(ROOT.verify_key),
        recovery="age1pq1sheet",
        members=(member(DIRECTOR, "director"), member(COACH), member(OTHER)),
        installations=tuple(map(installation, USES)),
        at=NOW,
        signer="root",
    )
    return dataclasses.replace(base, **changes)


def first_roster(**changes: object) -> Envelope:
    return write("roster", roster(**changes).content(), "root", ROOT)


def rosters() -> Rosters:
    return first(first_roster())


def next_roster(chain: Rosters, signer: str = DIRECTOR, key: SigningKey | None = None, **changes: object) -> Envelope:
    """Signed by the new root too, where it states that one."""
    after = {"version": chain.newest.version + 1, "previous": chain.newest.hash, **changes}
    envelope = write("roster", roster(**after).content(), signer, key)
    renewed = after.get("root") == bytes(NEW_ROOT.verify_key) != chain.newest.root
    return envelopes.cosigned(envelope, "new_root", NEW_ROOT) if renewed else envelope


def policy(chain: Rosters, signer: str = DIRECTOR, **changes: object) -> Envelope:
    base = Policy(chain.standing, 1, None, "Loopbaan & Co", dict(DEFAULT_MONTHS), 90, 100, URL, 30, NOW)
    return write("policy", dataclasses.replace(base, **changes).content(), signer)


def head(chain: Rosters, signer: str = COACH, standing: Standing | None = None, **changes: object) -> Envelope:
    base = Dossier(
        standing=standing or chain.standing,
        id=DOSSIER,
        version=1,
        epoch=1,
        previous=None,
        kind="client",
        suite="mlkem768x25519",
        recipient="age1pq1dossier",
        grantees=holders_of((COACH, DIRECTOR)),
        index=None,
        at=NOW,
        signer=signer,
    )
    if changes.get("grantees") and isinstance(changes["grantees"][0], str):
        changes["grantees"] = holders_of(changes["grantees"])
    return write("dossier", dataclasses.replace(base, **changes).content(), signer)


def trajectory(chain: Rosters, signer: str = COACH, **changes: object) -> Envelope:
    base = Trajectory(chain.standing, DOSSIER, "7a" * 16, 1, None, TODAY, None, "11" * 32, True, NOW, signer=signer)
    return write("trajectory", dataclasses.replace(base, **changes).content(), signer)
