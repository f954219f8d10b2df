"""Whether the vault can do its work just now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from vault.errors import VaultError
from vault.flows.context import Ports


@dataclass(frozen=True, slots=True)
class Check:
    """One part and whether it answers; `advice` says what to do when it does not."""

    name: str
    ok: bool
    advice: str = ""


def checks(ports: Ports) -> list[Check]:
    """Ask every engine."""
    return [
        _check("records", ports.store.check),
        _check("keystore", ports.keystore.check),
        _check("objects", ports.objects.check),
    ]


def _check(name: str, ask: Callable[[], None]) -> Check:
    try:
        ask()
    except VaultError as error:
        return Check(name, ok=False, advice=error.advice or str(error))
    return Check(name, ok=True)
