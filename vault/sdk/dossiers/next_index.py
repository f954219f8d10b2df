"""The next index of a dossier, signed: what it adds and takes out, and the root of all that it lists then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vault.records.types.index import Index, Removal
from vault.rules import merkle

if TYPE_CHECKING:
    from vault.records.envelope import Envelope
    from vault.records.types.dossier import Dossier
    from vault.sdk.people.session import SignedIn


def sign_index(
    signed_in: SignedIn,
    head: Dossier,
    newest: Index | None,
    listed: frozenset[str],
    *,
    added: frozenset[str],
    removed: tuple[Removal, ...] = (),
) -> Envelope:
    """A new index under that head, after the newest one, which lists these records; the first one after None."""
    after = (listed - {each.hash for each in removed}) | added
    index = Index(
        standing=signed_in.standing,
        dossier=head.id,
        sequence=1 if newest is None else newest.sequence + 1,
        previous=None if newest is None else newest.hash,
        head=head.hash,
        root=merkle.root(after),
        count=len(after),
        added=tuple(sorted(added)),
        removed=removed,
        at=signed_in.now(),
    )
    return signed_in.sign("index", index.content())
