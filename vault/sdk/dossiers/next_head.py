"""The next head of a dossier: who holds it from now on, with a wrap for whoever is new and the first index under it.

Head, wraps and index go up in one request, and take effect together or not at all. Who was first with another head or
index has it taken into account: it is all made again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from vault.records.types.dossier import Dossier, Grantee
from vault.rules.rights import Heads
from vault.sdk.dossiers.loading import renew
from vault.sdk.dossiers.new_dossier import wrap_for
from vault.sdk.dossiers.next_index import sign_index
from vault.sdk.errors import ApiError
from vault.sdk.server.retry import again

if TYPE_CHECKING:
    from vault.records.envelope import Envelope
    from vault.sdk.dossiers.open_dossier import OpenDossier

TRIES = 8
Grantees = tuple[Grantee, ...]


def give_to(dossier: OpenDossier, wanted: Callable[[Dossier], Grantees], *, always: bool = False) -> bool:
    """Sign and send a head by which these hold the dossier, under the same identity; False where they do already.

    `wanted` says who, of the head that is the newest then. `always`: somebody who is there signs one in any case.
    Raises ApiError, AnswerError.
    """
    for attempt in range(TRIES):
        records = dossier.records  # before the head: they may have come with a newer one
        before = dossier.heads.newest
        grantees = wanted(before)
        if grantees == before.grantees and not always:
            return False
        try:
            _send(dossier, grantees, records)
        except ApiError as error:
            if attempt == TRIES - 1 or not moved_on(dossier, error):
                raise
        else:
            return True
    raise AssertionError("the loop ends in a return or a raise")


def moved_on(dossier: OpenDossier, error: ApiError) -> bool:
    """Whether a head was refused because a device was first, with a head, an index or a roster: all is taken then."""
    if error.code == "signature_invalid":
        return dossier.signed_in.catch_up()
    if error.code != "index_stale":
        return False
    renew(dossier)
    return True


def sign_head(dossier: OpenDossier, **changes: Any) -> tuple[Heads, Envelope]:
    """The chain with the next head, and that head as it was signed: as the rules have it, or it is not sent."""
    signed_in, before = dossier.signed_in, dossier.heads.newest
    head = replace(
        before,
        standing=signed_in.standing,
        version=before.version + 1,
        previous=before.hash,
        index=dossier.index.hash,
        at=signed_in.now(),
        **changes,
    )
    envelope = signed_in.sign("dossier", head.content())
    return dossier.heads.append(envelope, signed_in.rosters), envelope


def _send(dossier: OpenDossier, grantees: Grantees, records: frozenset[str]) -> None:
    signed_in, before, newest = dossier.signed_in, dossier.heads.newest, dossier.index
    heads, head = sign_head(dossier, grantees=grantees)
    index = sign_index(signed_in, heads.newest, newest, records, added=frozenset())
    joined = sorted(heads.newest.members - before.members)
    request = {
        "dossier": head.to_json(),
        "wraps": [wrap_for(signed_in, dossier.id, dossier.epoch, dossier.identity, each) for each in joined],
        "index": index.to_json(),
    }
    again(lambda: signed_in.api.post(f"/dossiers/{dossier.id}/head", json=request))
    dossier.move_to(heads, index, records)
