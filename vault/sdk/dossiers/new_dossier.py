"""Making a dossier: identity, head, wraps, profile, trajectory and first index, in one request."""

from __future__ import annotations

import secrets
from typing import Any

from vault.errors import InvalidInputError
from vault.records.encoding import new_id, to_base64url
from vault.records.envelope import Envelope
from vault.records.types.dossier import KINDS, Dossier, Grantee, holders_of
from vault.records.types.index import Index
from vault.records.types.profile import Profile, certificate_commitment
from vault.records.types.roster import SUITE
from vault.records.types.trajectory import Trajectory
from vault.records.types.wrap import Wrap
from vault.rules.rights import first_head
from vault.sdk.device.clock import local_day
from vault.sdk.device.pin_kinds import SeenIndex
from vault.sdk.dossiers.next_index import sign_index
from vault.sdk.dossiers.open_dossier import MAX_NAME, MAX_PURPOSE, NONCE_SIZE
from vault.sdk.keys import sealed_text
from vault.sdk.keys.wraps import age_wrap, symmetric_wrap
from vault.sdk.one_line import check_line
from vault.sdk.people.session import SignedIn
from vault.sdk.server.retry import again
from vault.secret import Secret

CLIENT = "client"
EPOCH = 1


def open_dossier(signed_in: SignedIn, name: str, kind: str = CLIENT, purpose: str = "") -> str:
    """Make a dossier with a new identity, wrapped for every director and for the member; returns its id.

    Raises InvalidInputError for an invalid name, kind or purpose; a lost answer makes no second dossier.
    """
    from vault.age import HybridIdentity  # noqa: PLC0415 - loads `cryptography`

    name, purpose = check_name(name), check_purpose(purpose)
    if kind not in KINDS:
        raise InvalidInputError(f"a dossier's kind is one of {', '.join(sorted(KINDS))}")
    dossier, identity = new_id(), HybridIdentity.generate()
    seed, grantees = Secret(identity.seed), holders_of(signed_in.rosters.newest.directors | {signed_in.member})
    head = _head(signed_in, dossier, kind, identity.recipient().to_string(), grantees)
    newest = first_head(head, signed_in.rosters).newest
    profile, text = _profile(signed_in, dossier, seed, name, purpose)
    trajectory = _trajectory(signed_in, dossier)
    index = sign_index(signed_in, newest, None, frozenset(), added=frozenset({profile.hash, trajectory.hash}))
    request = {
        "dossier": head.to_json(),
        "wraps": [wrap_for(signed_in, dossier, EPOCH, seed, grantee.id) for grantee in grantees],
        "records": [
            {"type": "profile", "record": profile.to_json(), "text": to_base64url(text)},
            {"type": "trajectory", "record": trajectory.to_json(), "text": None},
        ],
        "index": index.to_json(),
    }
    again(lambda: signed_in.api.post("/dossiers", json=request))
    signed_in.pins.see_head(dossier, 1, head.hash)
    signed_in.pins.see_index(dossier, SeenIndex.of(Index.read(index)))
    signed_in.save_pins()
    return dossier


def wrap_for(signed_in: SignedIn, dossier: str, epoch: int, identity: Secret, grantee: str) -> dict[str, Any]:
    """A dossier's identity for one grantee, as JSON; the member's own wrap also has the symmetric form."""
    wrap = Wrap(signed_in.standing, dossier, epoch, bytes(identity), grantee, signed_in.now())
    envelope = signed_in.sign("wrap", wrap.content())
    own = grantee == signed_in.member
    symmetric = symmetric_wrap(identity, envelope.hash, signed_in.keyring, dossier, epoch) if own else None
    return {
        "member": grantee,
        "wrap": to_base64url(age_wrap(envelope, signed_in.recipient_of(grantee))),
        "symmetric": None if symmetric is None else to_base64url(symmetric),
    }


def check_name(name: str) -> str:
    """A dossier's name in NFC, stripped; raises InvalidInputError for an invalid one."""
    return _check_line(name, "name", MAX_NAME)


def check_purpose(purpose: str) -> str:
    """The required purpose of a dossier (R1); raises InvalidInputError for an invalid one."""
    return _check_line(purpose, "purpose", MAX_PURPOSE)


def _check_line(text: str, what: str, limit: int) -> str:
    advice = f"Give the {what} without line breaks or control characters."
    return check_line(text, f"dossier's {what}", limit, advice=advice)


def _head(signed_in: SignedIn, dossier: str, kind: str, recipient: str, grantees: tuple[Grantee, ...]) -> Envelope:
    head = Dossier(
        standing=signed_in.standing,
        id=dossier,
        version=1,
        epoch=EPOCH,
        previous=None,
        kind=kind,
        suite=SUITE,
        recipient=recipient,
        grantees=grantees,
        index=None,
        at=signed_in.now(),
    )
    return signed_in.sign("dossier", head.content())


def _profile(signed_in: SignedIn, dossier: str, identity: Secret, name: str, purpose: str) -> tuple[Envelope, bytes]:
    nonce = secrets.token_bytes(NONCE_SIZE)
    fields = {"name": name, "purpose": purpose, "contact": {}, "nonce": to_base64url(nonce)}
    key = sealed_text.text_key(identity)
    digest, sealed = sealed_text.seal_text("profile", fields, key=key, dossier=dossier, epoch=EPOCH, subject=dossier)
    commitment = certificate_commitment(nonce, name)
    profile = Profile(signed_in.standing, dossier, 1, None, commitment, digest, signed_in.now())
    return signed_in.sign("profile", profile.content()), sealed


def _trajectory(signed_in: SignedIn, dossier: str) -> Envelope:
    """The first trajectory begins today, in the zone of the practice."""
    trajectory = Trajectory(
        standing=signed_in.standing,
        dossier=dossier,
        id=new_id(),
        version=1,
        previous=None,
        start=local_day(signed_in.now()),
        end=None,
        policy=signed_in.policy.hash,
        grace=True,
        at=signed_in.now(),
    )
    return signed_in.sign("trajectory", trajectory.content())
