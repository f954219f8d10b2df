"""What this device saw of a dossier and the server does not show any more, by the names that it kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from vault.errors import IntegrityError, VaultError
from vault.records.encoding import RecordError
from vault.records.types.repair import INDEX
from vault.sdk.device.names_cache import Named, load_names
from vault.sdk.documents.listing import read_listed
from vault.sdk.dossiers.loading import load_dossier
from vault.sdk.dossiers.open_dossier import OpenDossier
from vault.sdk.dossiers.repairing import trial_of
from vault.sdk.errors import SeenError
from vault.sdk.people.session import SignedIn


def unshown(signed_in: SignedIn, error: SeenError) -> list[Named]:
    """The documents that the index listed which this device saw last, without those that are shown now.

    Nothing is changed by looking. None are named where no names of that index were kept, or what is shown does not
    open.
    """
    seen = error.seen
    if seen is None or seen.chain != INDEX or seen.subject is None:
        return []
    named = load_names(signed_in.home, signed_in.keyring.names_key, seen.subject, seen.hash)
    trial = trial_of(signed_in)
    trial.pins.see_asides([seen])
    try:
        opened = load_dossier(trial, seen.subject, contents=True, left_behind=True)
        there = set(_shown(opened)) if named else set[str]()
    except (VaultError, RecordError):
        return []
    return [one for one in named if one.id not in there]


def _shown(dossier: OpenDossier) -> Iterator[str]:
    """The ids of the documents that the server shows and that verify; the names that were kept stay."""
    for item in dossier.pages("documents"):
        with suppress(IntegrityError, RecordError):
            yield read_listed(dossier, item).id
