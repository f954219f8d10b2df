"""Making a set: records first, then the keystore with its escrow, the installation's keys, the objects last.

So every row of the set has its key and its object, but for what was erased meanwhile: of that the ledger, which comes
last, has the tombstone. What was deposited meanwhile is an object without a row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from infra.backup import folder as folders
from infra.backup.checking import check_set
from infra.backup.folder import BackupSet
from infra.backup.keys import read_keys, write_keys
from infra.backup.objects import ObjectsPart
from infra.backup.places import Places
from infra.backup.row_lines import About
from infra.backup.rows import KEYSTORE, RECORDS, check_sound, dump, revision_of
from infra.backup.sealed import Sealing, write_part
from vault import wiring
from vault.adapters.database import SqlTransaction
from vault.adapters.escrow import EscrowFiles
from vault.adapters.keystore.escrowing import marks_of
from vault.adapters.keystore.store import position_of
from vault.adapters.sql.factory import reading
from vault.errors import ConfigurationError, IntegrityError
from vault.files import made_durable, unavailable_on_failure, write_private
from vault.flows.clock.trusting import in_doubt
from vault.flows.context import Ports
from vault.flows.health import BACKUP
from vault.flows.positions.comparing import StoresError, standing
from vault.flows.positions.saying import said
from vault.ports.store import Named
from vault.records import backup as form
from vault.records.backup import Counted, Manifest, Part

_ATTEMPTS = 5
_BEAT = Named(BACKUP)


@dataclass(frozen=True, slots=True)
class Made:
    """The new set, how many objects were read for it, and what was removed; `kept` says why nothing older was."""

    set: BackupSet
    copied: int
    removed: tuple[str, ...]
    clock_doubted: bool


def no_step(_: str) -> None:
    """The default observer: none."""


def back_up(
    places: Places, folder: Path, now: datetime, *, copies: bool = False, step: Callable[[str], None] = no_step
) -> Made:
    """Make a set, read it back, and only then give it its name; then remove what is older than the horizon.

    Raises VaultError, and then no set was made, nor one removed. `step` is called after each durable step.
    """
    places.check_there()
    folder = folders.usable(folder, places.folders)
    with places.ports() as ports:
        to = _recipients(ports)
        with folders.locked(folder):
            before = folders.sets_in(folder)
            with _draft(folder, now) as draft:
                making = _Making(places, ports, draft, to, step)
                made = making.make(now, before, copies=copies)
            step("named")
            removed, doubted = _finish(places, ports, folder, made, now)
            step("finished")
    return Made(made, len(making.objects.copied), removed, doubted)


def _recipients(ports: Ports) -> tuple[str, ...]:
    """Whom the escrow is sealed to; raises where there is nobody, or where the stores do not belong together."""
    if findings := standing(ports):
        what, advice = said(findings[0])
        raise StoresError(f"{what}; no backup was made", advice=advice)
    escrowed = ports.keystore.escrowed()
    if escrowed is None:
        raise ConfigurationError(
            "the keystore's keys are sealed to nobody yet, and so would be a backup",
            advice="Set the practice up, and let the worker run for a minute: RUNBOOK, “Escrow”.",
        )
    return escrowed.recipients


@contextmanager
def _draft(folder: Path, now: datetime) -> Iterator[Path]:
    """A draft that is gone at the end, unless it got its name."""
    draft = folders.draft_of(folder, now)
    try:
        yield draft
    finally:
        if draft.exists():
            folders.remove(draft)


class _Making:
    def __init__(
        self, places: Places, ports: Ports, draft: Path, to: Sequence[str], step: Callable[[str], None]
    ) -> None:
        self._places, self._ports, self._draft, self._step = places, ports, draft, step
        self._seals = {name: Sealing(to) for name in form.SEALED}
        self._parts: list[Part] = []
        self._schemas: dict[str, str] = {}
        self._positions: dict[str, dict[str, int]] = {}

    def make(self, now: datetime, before: Sequence[BackupSet], *, copies: bool) -> BackupSet:
        installation, practice = self._records()
        self._keystore(installation)
        self._part(form.KEYS, self._seals[form.KEYS].sealed([write_keys(installation, read_keys(self._places))]))
        newest = next((each for each in reversed(before) if each.manifest.installation == installation), None)
        self.objects = ObjectsPart(self._ports.objects, self._draft, newest, copies=copies)
        self._part(form.LISTING, self.objects.lines())
        self._positions["objects"] = {
            "ledger": self.objects.newest("ledger/"),
            "roster": self.objects.newest("ledger/roster/"),
        }
        manifest = Manifest(
            installation=installation,
            practice=practice,
            at=now.replace(microsecond=0),
            schemas=self._schemas,
            positions=self._positions,
            objects=Counted(self.objects.count, self.objects.size, copies),
            parts=tuple(sorted(self._parts, key=lambda part: part.name)),
        )
        return self._named(manifest)

    def _part(self, name: str, pieces: Iterator[bytes]) -> None:
        self._parts.append(write_part(self._draft, name, pieces))
        self._step(name)

    def _records(self) -> tuple[str, str]:
        engine = wiring.records(self._places.owner)
        try:
            with reading(engine) as connection:
                check_sound(connection)
                tx = SqlTransaction(connection)
                at, practice = tx.position(), tx.practice()
                assert at.installation is not None, "who has an escrow has an identity"
                assert practice is not None, "and a practice"
                self._positions["records"] = {"audit": at.audit, "ledger": at.ledger, "roster": at.roster}
                self._rows(connection, RECORDS, at.installation, form.RECORDS)
        finally:
            engine.dispose()
        return at.installation, practice.id

    def _keystore(self, installation: str) -> None:
        engine = wiring.keystore(self._places.owner)
        try:
            for _ in range(_ATTEMPTS):
                with reading(engine) as connection:
                    escrows = self._escrows(marks_of(connection))
                    if escrows is None:
                        continue  # turned between the rows and the files
                    check_sound(connection)
                    at = position_of(connection)
                    self._positions["keystore"] = {
                        "audit": at.audit,
                        "generation": at.generation,
                        "ledger": at.ledger,
                    }
                    self._positions["key_files"] = {"newest": max(escrows)}
                    self._rows(connection, KEYSTORE, installation, form.KEYSTORE)
                break
            else:
                raise IntegrityError(
                    "a key of the keystore is not sealed to the directors", advice="RUNBOOK, “Escrow”, says what to do."
                )
        finally:
            engine.dispose()
        (self._draft / "escrow").mkdir(mode=0o700)
        for number, raw in escrows.items():
            self._part(f"{form.ESCROW}{number}", iter([raw]))
        made_durable(self._draft / "escrow")

    def _escrows(self, marks: dict[int, str]) -> dict[int, bytes] | None:
        """The escrow of each generation that the rows name; None where one is not there."""
        files, found = EscrowFiles(self._places.owner.escrow_folder), {}
        for number, mark in marks.items():
            escrow = files.read(number)
            if escrow is None or escrow.mark != mark:
                return None
            found[number] = escrow.to_bytes()
        return found or None

    def _rows(self, connection: Connection, store: str, installation: str, name: str) -> None:
        self._schemas[store] = revision_of(connection)
        about = About(store, installation, self._schemas[store])
        self._part(name, self._seals[name].sealed(dump(connection, about)))

    def _named(self, manifest: Manifest) -> BackupSet:
        raw = manifest.to_bytes()
        write_private(self._draft / folders.MANIFEST, raw)
        self._step("manifest")
        made = BackupSet(self._draft, manifest)
        check_set(made, self._seals, [each.name for each in self.objects.copied])
        self._step("read back")
        path = self._draft.with_name(form.name_of(manifest.at, raw))
        with unavailable_on_failure(path):
            made_durable(self._draft)
            self._draft.rename(path)
            made_durable(path.parent)
        return replace(made, path=path)


def _finish(places: Places, ports: Ports, folder: Path, made: BackupSet, now: datetime) -> tuple[tuple[str, ...], bool]:
    """Tell the vault, and remove what is too old; by a clock in doubt nothing is removed."""
    with ports.store.transaction(_BEAT) as tx:
        tx.beat(BACKUP, now)
    with ports.store.reading() as tx:
        doubt = in_doubt(tx, now, places.owner.clock.offset)
    sets = folders.sets_in(folder)
    if doubt is not None or folders.from_the_future(sets, now):
        return (), True
    old = [each.path for each in folders.outdated(sets, made, now)] + folders.put_aside(places.data, now)
    for path in old:
        folders.remove(path)
    return tuple(path.name for path in old), False
