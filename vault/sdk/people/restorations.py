"""A director lets the vault go on from stores that were put back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vault.records import read
from vault.records.record import read_fields
from vault.records.types.restoration import STORES, PutBack, Restoration
from vault.sdk.people.session import SignedIn
from vault.sdk.server.retry import again

_MOST_KEPT = 500


@dataclass(frozen=True, slots=True)
class PutBackStores:
    """What the server asks a director to accept, and the objects that no record of its knows and that it keeps."""

    stores: tuple[PutBack, ...]
    kept: tuple[str, ...]


def put_back_stores(signed_in: SignedIn) -> PutBackStores:
    """The stores that were put back; none for a member who is no director, nor where there is nothing to accept."""
    if not signed_in.is_director:
        return PutBackStores((), ())
    answer = signed_in.api.get("/restoration")
    stores = [read_fields(PutBack, each) for each in read.objects(answer, "stores", least=0, most=len(STORES))]
    kept = read.items(answer, "kept", most=_MOST_KEPT)
    return PutBackStores(tuple(stores), tuple(map(str, kept)))


def restore(signed_in: SignedIn, stores: Sequence[PutBack], reason: str) -> Restoration:
    """Sign and send that the vault goes on from them."""
    content = Restoration(signed_in.standing, tuple(sorted(stores)), reason, signed_in.now())
    envelope = signed_in.sign("restoration", content.content())
    again(lambda: signed_in.api.post("/restoration", json={"restoration": envelope.to_json()}))
    return Restoration.read(envelope)
