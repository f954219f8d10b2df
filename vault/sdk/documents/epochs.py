"""A new identity for a dossier, so that whoever could keep the one before opens nothing that comes after it.

Heads, metadata, texts and wraps are made anew on a director's device and take effect at once, with the head that states
the new identity; bodies stay. Whatever is cut off before that changed nothing, and is made again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vault.records.types.roster import SUITE
from vault.rules.rights import Heads
from vault.sdk.documents.rewrapping import Rewrapping, batches
from vault.sdk.dossiers.holders import check_director, check_there, with_holders
from vault.sdk.dossiers.loading import renew
from vault.sdk.dossiers.new_dossier import wrap_for
from vault.sdk.dossiers.next_head import TRIES, Grantees, give_to, moved_on, sign_head
from vault.sdk.dossiers.next_index import sign_index
from vault.sdk.errors import ApiError
from vault.sdk.server.retry import again

if TYPE_CHECKING:
    from vault.records.envelope import Envelope
    from vault.sdk.dossiers.open_dossier import OpenDossier


def take_from(
    dossier: OpenDossier, members: frozenset[str], *, give: frozenset[str] = frozenset(), leave_damaged: bool = False
) -> bool:
    """Take a dossier from these, who may all have kept its key, and give it to others; False where that is done.

    Directors keep it: they hold every dossier. Raises OnlyDirectorError, NotFoundError for who cannot be given it,
    LeftBehindError where something is damaged, AnswerError before anything is sealed to a wrong key.
    """
    signed_in = dossier.signed_in
    check_director(signed_in)
    for member in give:
        check_there(signed_in, member)
    new: Rewrapping | None = None
    for attempt in range(TRIES):
        gone = members - signed_in.rosters.newest.directors
        if not gone & dossier.heads.could_keep:
            return give_to(dossier, lambda before: with_holders(before, signed_in.rosters.newest, set(give)))
        if new is None or new.epoch != dossier.epoch + 1:
            new = Rewrapping.begin(dossier, leave_damaged=leave_damaged)
        try:
            _switch(dossier, new, gone, set(give))
        except ApiError as error:
            if attempt == TRIES - 1 or not _went_on(dossier, error):
                raise
        else:
            return True
    raise AssertionError("the loop ends in a return or a raise")


def _went_on(dossier: OpenDossier, error: ApiError) -> bool:
    """Whether another device was first, with whatever it was: that is there now, and new keys must reach it."""
    if error.code in ("epoch_incomplete", "epoch_stale"):
        renew(dossier)
        return True
    return moved_on(dossier, error)


def _switch(dossier: OpenDossier, new: Rewrapping, gone: frozenset[str], give: set[str]) -> None:
    signed_in = dossier.signed_in
    for member in with_holders(dossier.heads.newest, signed_in.rosters.newest, give):
        if member.id not in gone:
            signed_in.recipient_of(member.id)  # held against the roster before anything is sealed
    documents, texts = new.items()
    records, newest = dossier.records, dossier.index
    grantees = _left(dossier, gone, give)
    heads, head = sign_head(dossier, grantees=grantees, epoch=new.epoch, recipient=new.recipient, suite=SUITE)
    index = sign_index(signed_in, heads.newest, newest, records, added=frozenset())
    *earlier, last = batches(documents, texts)
    for part in earlier:
        _stage(dossier, new, part)
    request = {**_head_of(dossier, new, heads, head), "index": index.to_json(), **last}
    again(lambda: signed_in.api.post(f"/dossiers/{dossier.id}/head", json=request))
    dossier.move_to(heads, index, records, new.seed)


def _left(dossier: OpenDossier, gone: frozenset[str], give: set[str]) -> Grantees:
    before, roster = dossier.heads.newest, dossier.signed_in.rosters.newest
    return tuple(each for each in with_holders(before, roster, give) if each.id not in gone)


def _stage(dossier: OpenDossier, new: Rewrapping, part: dict[str, list[dict[str, Any]]]) -> None:
    path = f"/dossiers/{dossier.id}/epochs/{new.epoch}"
    again(lambda: dossier.signed_in.api.put(path, json={"identity": new.name, **part}))


def _head_of(dossier: OpenDossier, new: Rewrapping, heads: Heads, head: Envelope) -> dict[str, Any]:
    """The head with a wrap for everybody who holds the dossier by it."""
    members = sorted(heads.newest.members)
    wraps = [wrap_for(dossier.signed_in, dossier.id, new.epoch, new.seed, each) for each in members]
    return {"dossier": head.to_json(), "wraps": wraps}
