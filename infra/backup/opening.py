"""A set opened by a director's device or the sheet: its rows, its keys, and the keystore's generations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from infra.backup.checking import about
from infra.backup.folder import BackupSet
from infra.backup.keys import LIMIT, parse_keys
from infra.backup.row_lines import About
from infra.backup.sealed import lines, open_part
from vault.adapters.escrow import EscrowFiles
from vault.age import HybridIdentity
from vault.records import backup as form
from vault.records.escrow import Escrow
from vault.sdk.keys.escrow import open_escrow

_PARTS = {"records": form.RECORDS, "keystore": form.KEYSTORE}


@dataclass(frozen=True, slots=True)
class Opened:
    """A set and who opens it. What is not sealed to her is refused before anything is written."""

    set: BackupSet
    identity: HybridIdentity

    @property
    def installation(self) -> str:
        """Whose set it is."""
        return self.set.manifest.installation

    def about(self, store: str) -> About:
        """What the rows of that store say of themselves."""
        return about(self.set, store)

    def rows(self, store: str) -> Iterator[bytes]:
        """The lines of that store's rows."""
        name = _PARTS[store]
        return lines(open_part(self.set.path / name, self.identity), name)

    def keys(self) -> dict[str, bytes]:
        """The keys and secrets of the installation, by name."""
        raw = b"".join(open_part(self.set.path / form.KEYS, self.identity))
        return parse_keys(raw[: LIMIT + 1], self.installation)

    def escrows(self) -> list[Escrow]:
        """The escrow of each generation that the set's keystore names."""
        files = EscrowFiles(self.set.path / "escrow")
        return [each for each in map(files.read, files.numbers()) if each is not None]

    def key_of(self, escrow: Escrow) -> bytes:
        """The key of that generation; raises InvalidInputError where it is not sealed to her, IntegrityError."""
        return bytes(open_escrow(f"generation-{escrow.generation}", escrow, self.identity).key)
