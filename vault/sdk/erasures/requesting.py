"""Requests an erasure (promise R6; GDPR art. 17).

The request is signed here under a new id and stored until it is answered: after a lost answer the same request is sent
again, so there is one erasure.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vault.boxes import BoxError, box, unbox
from vault.errors import InvalidInputError
from vault.records import read
from vault.records.encoding import RecordError, lp, new_id
from vault.records.envelope import Envelope, from_json
from vault.records.strict_json import dump, parse_object
from vault.records.types.erasure import BASES, LIFE, MAX_DOCUMENTS, ErasureRequest
from vault.sdk.device.home import MAX_FILE
from vault.sdk.erasures.following import Erasure, check_same, status
from vault.sdk.errors import AnswerError, ApiError
from vault.sdk.server.retry import again

if TYPE_CHECKING:
    from vault.sdk.documents.listing import Listed, Quarantined
    from vault.sdk.dossiers.open_dossier import OpenDossier
    from vault.sdk.people.session import SignedIn

_FILE, _AAD = "erasures", b"vault/v1/erasures"


@dataclass(frozen=True, slots=True)
class Unopened:
    """A dossier that does not open any more, and can be erased all the same."""

    signed_in: SignedIn
    id: str


def request(dossier: OpenDossier | Unopened, documents: Sequence[Listed | Quarantined], basis: str) -> Erasure:
    """Request the erasure of these documents, or of the whole dossier if there are none.

    Raises the errors of the API: `state` when it is under way already, `not_allowed` or SignatureError without the
    right to it.
    """
    if basis not in BASES:
        raise InvalidInputError(f"the basis of an erasure is one of {', '.join(sorted(BASES))}")
    if len(documents) > MAX_DOCUMENTS:
        raise InvalidInputError(f"one request names at most {MAX_DOCUMENTS} documents")
    envelope = _kept_or_new(dossier, sorted(documents, key=lambda one: one.id), basis)
    erasure = read.identifier(envelope.fields, "erasure")
    body = {"erasure": envelope.to_json()}
    try:
        answer = again(lambda: dossier.signed_in.api.post(f"/dossiers/{dossier.id}/erasure", json=body))
    except ApiError:
        _keep(dossier.signed_in, _name(dossier.id, documents, basis), None)
        raise
    _keep(dossier.signed_in, _name(dossier.id, documents, basis), None)
    if answer.get("erasure") != erasure:
        raise AnswerError("the server answers another erasure than was asked for")
    asked = ErasureRequest.read(envelope)
    found = status(dossier.signed_in, erasure, request=asked.hash)
    check_same(found, (asked.dossier, asked.documents, asked.basis))
    return found


def _kept_or_new(dossier: OpenDossier | Unopened, documents: Sequence[Listed | Quarantined], basis: str) -> Envelope:
    """The signed request of an unanswered attempt, else a new one."""
    signed_in, name = dossier.signed_in, _name(dossier.id, documents, basis)
    kept = _load(signed_in).get(name)
    if kept is not None and signed_in.may_send(kept):
        return kept
    asked = ErasureRequest(
        standing=signed_in.standing,
        dossier=dossier.id,
        id=new_id(),
        documents=tuple(one.id for one in documents),
        basis=basis,
        not_before=signed_in.now(),
        expires=signed_in.now() + LIFE,
        at=signed_in.now(),
        records=tuple(one.hash for one in documents),
    )
    envelope = signed_in.sign("erasure", asked.content())
    _keep(signed_in, name, envelope)
    return envelope


def _name(dossier: str, documents: Sequence[Listed | Quarantined], basis: str) -> str:
    ids = sorted(one.id for one in documents)
    return hashlib.sha256(lp(*(part.encode() for part in (dossier, basis, *ids)))).hexdigest()


def _load(signed_in: SignedIn) -> dict[str, Envelope]:
    sealed = signed_in.home.read(_FILE)
    if sealed is None:
        return {}
    try:
        fields = parse_object(unbox(signed_in.keyring.pins_key, _AAD, sealed), limit=MAX_FILE)
        return {name: from_json(value, "erasure") for name, value in fields.items()}
    except (BoxError, RecordError):
        return {}


def _keep(signed_in: SignedIn, name: str, envelope: Envelope | None) -> None:
    """Store a request until it is answered; None deletes it."""
    with signed_in.home.lock():
        kept = _load(signed_in)
        kept.pop(name, None)
        if envelope is not None:
            kept[name] = envelope
        if kept:
            fields = {each: value.to_json() for each, value in kept.items()}
            signed_in.home.write(_FILE, box(signed_in.keyring.pins_key, _AAD, dump(fields)))
        else:
            signed_in.home.remove(_FILE)
