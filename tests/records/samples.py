"""One record of every type with fixed contents: what the vectors and the round trips are made of."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import timedelta
from functools import cache

from nacl.signing import SigningKey

from tests.records.practice import (
    COACH,
    DIRECTOR,
    DOSSIER,
    INSTALLATION,
    NOW,
    PRACTICE,
    first_roster,
    head,
    policy,
    rosters,
    trajectory,
    write,
)
from vault.records import envelope as envelopes
from vault.records.envelope import Envelope
from vault.records.record import write_fields
from vault.records.seen import Seen, Sighting
from vault.records.table import type_of
from vault.records.types.certificate import METHOD, Certificate, Counts
from vault.records.types.certificate_check import CertificateCheck
from vault.records.types.checkpoint import Checkpoint, heads_digest, leaf
from vault.records.types.document import Document
from vault.records.types.erasure import LIFE, ErasureRequest
from vault.records.types.erasure_withdrawal import ErasureWithdrawal
from vault.records.types.index import Index
from vault.records.types.intent import Intent
from vault.records.types.invitation import Invitation
from vault.records.types.lock import Lock
from vault.records.types.profile import Profile, certificate_commitment
from vault.records.types.repair import Aside, Repair
from vault.records.types.restoration import PutBack, Restoration
from vault.records.types.share import Share, SharedDocument
from vault.records.types.tombstone import Tombstone, installation_signer
from vault.records.types.wrap import Wrap
from vault.rules import merkle
from vault.rules.evidence import Evidence

SEEN = Seen(Sighting(3, "3e" * 32), Sighting(70, "70" * 32))
DOCUMENT, SHARE = "d1" * 16, "5a" * 16


def document(**changes: object) -> Envelope:
    base = {
        "standing": rosters().standing,
        "dossier": DOSSIER,
        "id": DOCUMENT,
        "series": DOCUMENT,
        "previous": None,
        "kind": "report",
        "draft": False,
        "nonce": b"n" * 16,
        "commitment": b"c" * 32,
        "size": 1016,
        "digest": "0d" * 32,
        "metadata": "3e" * 32,
        "at": NOW,
        "signer": COACH,
    }
    return write("document", {**Document(**{**base, **changes}).content(), "seen": write_fields(SEEN)}, COACH)


def intent(**changes: object) -> Envelope:
    """What reserves the sample's document."""
    fields = Document.read(document())
    names = ("standing", "dossier", "id", "series", "previous", "kind", "draft", "nonce", "commitment", "size", "at")
    base = {name: getattr(fields, name) for name in names}
    return write("intent", {**Intent(**{**base, **changes}).content(), "seen": write_fields(SEEN)}, COACH)


def profile() -> Envelope:
    commitment = certificate_commitment(b"k" * 32, "Jan de Vries")
    content = Profile(rosters().standing, DOSSIER, 1, None, commitment, "7e" * 32, NOW, signer=COACH).content()
    return write("profile", content, COACH)


def repair() -> Envelope:
    asides = (Aside("checkpoint", 70, "70" * 32), Aside("index", 14, "14" * 32, DOSSIER))
    content = Repair(rosters().standing, asides, "Restored from a backup", NOW, signer=DIRECTOR).content()
    return write("repair", content, DIRECTOR)


def restoration() -> Envelope:
    stores = (PutBack("keystore", 3, 8), PutBack("records", 812, 1040))
    content = Restoration(rosters().standing, stores, "The copy of Sunday", NOW, signer=DIRECTOR).content()
    return write("restoration", content, DIRECTOR)


def share(**changes: object) -> Envelope:
    base = {
        "standing": rosters().standing,
        "dossier": DOSSIER,
        "id": SHARE,
        "kind": "copy",
        "documents": (SharedDocument(DOCUMENT, document().hash),),
        "expires_at": NOW,
        "max": 3,
        "consent": None,
        "mode": "passphrase",
        "key": b"k" * 32,
        "possess": b"p" * 32,
        "open": b"o" * 32,
        "text": "7e" * 32,
        "at": NOW,
        "signer": COACH,
    }
    return write("share", Share(**{**base, **changes}).content(), COACH)


def index(**changes: object) -> Envelope:
    listed = tuple(sorted((profile().hash, trajectory(rosters()).hash)))
    base = {
        "standing": rosters().standing,
        "dossier": DOSSIER,
        "sequence": 1,
        "previous": None,
        "head": head(rosters()).hash,
        "root": merkle.root(listed),
        "count": len(listed),
        "added": listed,
        "removed": (),
        "at": NOW,
        "signer": COACH,
    }
    return write("index", Index(**{**base, **changes}).content(), COACH)


def wrap() -> Envelope:
    content = Wrap(rosters().standing, DOSSIER, 1, b"i" * 32, DIRECTOR, NOW, signer=COACH).content()
    return write("wrap", content, COACH)


def invitation() -> Envelope:
    base = Invitation(
        rosters().standing, "1f" * 16, "coach", "carla@voorbeeld.nl", b"i" * 32, None, NOW + timedelta(days=7), NOW
    )
    return write("invitation", dataclasses.replace(base, signer=DIRECTOR).content(), DIRECTOR)


def lock() -> Envelope:
    return write("lock", Lock(rosters().standing, b"l" * 32, NOW, signer=DIRECTOR).content(), DIRECTOR)


def erasure(signer: str = COACH, **changes: object) -> Envelope:
    base = ErasureRequest(
        rosters().standing, DOSSIER, "e5" * 16, (DOCUMENT,), "client", NOW, NOW + LIFE, NOW, signer=signer
    )
    return write("erasure", dataclasses.replace(base, **changes).content(), signer)


def erasure_withdrawal(signer: str = COACH, **changes: object) -> Envelope:
    base = ErasureWithdrawal(rosters().standing, DOSSIER, "e5" * 16, erasure().hash, NOW, signer=signer)
    return write("erasure_withdrawal", dataclasses.replace(base, **changes).content(), signer)


def evidence() -> Evidence:
    return Evidence((head(rosters()),), erasure())


def by_installation(kind: str, content: dict[str, object], key: SigningKey | None = None) -> Envelope:
    key = key or INSTALLATION[type_of(kind).use or ""]
    signer = installation_signer(bytes(key.verify_key))
    return envelopes.write(kind, content, practice=PRACTICE, signer=signer, key=key)


def tombstone(**changes: object) -> Envelope:
    request = erasure().hash
    base = Tombstone(
        rosters().standing, "document", DOCUMENT, DOSSIER, "client", request, evidence().digest, 1, None, NOW
    )
    return by_installation("tombstone", dataclasses.replace(base, **changes).content())


def certificate(**changes: object) -> Envelope:
    base = Certificate(
        standing=rosters().standing,
        id="e5" * 16,
        kind="document",
        dossier=DOSSIER,
        reason="client",
        commitment=certificate_commitment(b"k" * 32, "Jan de Vries"),
        documents=merkle.root([document().hash]),
        tombstones=(tombstone().hash,),
        counts=Counts(documents=1, shares=0, objects=2, bytes=1016, keys=1),
        requested=NOW,
        shredded=NOW,
        verified=NOW,
        horizon=NOW,
        method=METHOD,
        at=NOW,
    )
    return by_installation("certificate", dataclasses.replace(base, **changes).content())


def certificate_check(signer: str = COACH, seen: Seen = SEEN, **changes: object) -> Envelope:
    base = CertificateCheck(rosters().standing, DOSSIER, "e5" * 16, certificate().hash, NOW, signer=signer)
    content = {**dataclasses.replace(base, **changes).content(), "seen": write_fields(seen)}
    return write("certificate_check", content, signer)


def checkpoint(**changes: object) -> Envelope:
    heads = heads_digest([leaf(DOSSIER, 3, "aa" * 32)])
    base = Checkpoint(rosters().standing, 1, None, 1, heads, 1, NOW)
    return by_installation("checkpoint", dataclasses.replace(base, **changes).content())


@cache
def every() -> Mapping[str, Envelope]:
    """Signed once: making them all takes longer than a test of one."""
    chain = rosters()
    return {
        "roster": first_roster(),
        "policy": policy(chain),
        "dossier": head(chain),
        "wrap": wrap(),
        "document": document(),
        "intent": intent(),
        "index": index(),
        "share": share(),
        "profile": profile(),
        "trajectory": trajectory(chain),
        "erasure": erasure(),
        "erasure_withdrawal": erasure_withdrawal(),
        "repair": repair(),
        "restoration": restoration(),
        "invitation": invitation(),
        "lock": lock(),
        "tombstone": tombstone(),
        "certificate": certificate(),
        "certificate_check": certificate_check(),
        "checkpoint": checkpoint(),
    }
