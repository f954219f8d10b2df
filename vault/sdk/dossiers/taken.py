"""A dossier that was taken from this member: the head that did so explains why it is in her list no more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vault.errors import IntegrityError
from vault.records import read
from vault.records.encoding import RecordError
from vault.records.envelope import from_json
from vault.rules.rights import Heads, first_head, in_force
from vault.rules.verdict import Refused
from vault.sdk.errors import ApiError

if TYPE_CHECKING:
    from vault.sdk.people.session import SignedIn

MAX_HEADS = 10_000


def was_taken(signed_in: SignedIn, dossier: str) -> bool:
    """Whether a head that follows the pinned one, in force, leaves her out; False for whatever else the server says."""
    try:
        heads = _heads(signed_in, dossier)
    except ApiError as error:
        if error.code != "not_found":
            raise
        return False
    except (IntegrityError, RecordError):
        return False
    newest, seen = heads.newest, signed_in.pins.head_of(dossier)
    follows = seen is not None and seen.version < newest.version and heads.chain[seen.version - 1].hash == seen.head
    left_out = newest.id == dossier and signed_in.member not in newest.members
    return follows and left_out and not isinstance(in_force(newest.signer, signed_in.rosters, pinned=False), Refused)


def _heads(signed_in: SignedIn, dossier: str) -> Heads:
    answer = signed_in.api.get(f"/dossiers/{dossier}/heads")
    first, *rest = (from_json(each, "dossier") for each in read.objects(answer, "items", least=1, most=MAX_HEADS))
    heads = first_head(first, signed_in.rosters)
    for envelope in rest:
        heads = heads.append(envelope, signed_in.rosters)
    return heads
