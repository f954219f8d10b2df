"""A new recovery sheet: written before anything is sent, and gone again where what it came with was refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from vault.errors import VaultError
from vault.sdk.device.clock import local_day
from vault.sdk.errors import ServerUnreachableError
from vault.sdk.keys.sheet import Sheet, new_sheet
from vault.sdk.keys.sheet_page import SheetFacts, write_sheet
from vault.sdk.keys.words import fingerprint
from vault.sdk.people.session import SignedIn

T = TypeVar("T")


def written_sheet(signed_in: SignedIn, path: Path) -> Sheet:
    """A new sheet, written to a new file; nothing counts by it yet. Raises InvalidInputError where the file exists."""
    sheet = new_sheet()
    day, words = local_day(signed_in.now()), fingerprint(sheet.root_key)
    write_sheet(path, sheet, SheetFacts(signed_in.policy.name, day, words))
    return sheet


def with_sheet(path: Path, act: Callable[[], T]) -> T:
    """The result of what puts a sheet in force; its file goes again where that was refused: it would open nothing."""
    try:
        return act()
    except ServerUnreachableError:  # the answer may have been lost
        raise
    except VaultError:
        path.unlink(missing_ok=True)
        raise
