"""Wipes a destroyed dossier's pins, its name and unfinished deposits from this device."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vault.sdk.device.list_cache import forget_listed
from vault.sdk.device.names_cache import forget_names
from vault.sdk.device.spool import Spool

if TYPE_CHECKING:
    from collections.abc import Collection

    from vault.sdk.people.session import SignedIn


def wipe(signed_in: SignedIn, dossier: str, documents: Collection[str] = ()) -> None:
    """Wipe a dossier from DOSSIER_HOME, or only the unfinished deposits of these documents; repeatable."""
    Spool(signed_in.home, signed_in.keyring.spool_key).forget(dossier, documents)
    forget_names(signed_in.home, dossier)
    if not documents:
        forget_listed(signed_in.home, signed_in.keyring.cache_key, dossier)
        signed_in.pins.forget(dossier)
        signed_in.save_pins()
