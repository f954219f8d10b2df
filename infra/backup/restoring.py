"""Putting a set back: a new data folder is built beside the old one and takes its place in one step.

What the folder does not hold (databases of servers, a bucket, keys of another place) must be empty, and is filled.
Every vault whose records or keystore were put back stands still until a director decides (decision 40).
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from infra.backup.checking import check_set
from infra.backup.exchange import exchange
from infra.backup.folder import OBJECTS, aside
from infra.backup.making import no_step
from infra.backup.opening import Opened
from infra.backup.places import Places
from infra.backup.rows import KEYSTORE, RECORDS
from infra.backup.stores import Store, check_empty, check_ours, check_schemas, is_there, make_bucket, put_in
from infra.supervisor.lock import DataLock
from vault.domain.positions import Fault, Finding
from vault.errors import ConfigurationError, InvalidInputError, VaultError
from vault.files import create_private, made_durable, unavailable_on_failure
from vault.flows.positions.keeping import shut
from vault.flows.positions.saying import said

WHOLE = frozenset({Store.RECORDS, Store.KEYSTORE, Store.KEYS})
_MARK, _LOCK, _BUILDING = "restoring", "lock", ".restoring"
# What of the folder each store replaces, with what SQLite puts beside it. Key files are written over.
_FILES = {
    Store.RECORDS: ("records.db",),
    Store.KEYSTORE: ("keystore.db",),
    Store.KEYS: (),
    Store.OBJECTS: (),
}
_MADE_AT_A_START = (_LOCK, _MARK, "broker")


@dataclass(frozen=True, slots=True)
class Restored:
    """Where the data of before lies, if there was any, and what the stores say of each other now."""

    before: Path | None
    findings: tuple[Finding, ...]
    compared: bool


def restore(
    places: Places,
    opened: Opened,
    now: datetime,
    *,
    stores: Collection[Store] = WHOLE,
    step: Callable[[str], None] = no_step,
) -> Restored:
    """Put these stores of a set in the place of what stands there, or change nothing of it. Raises VaultError."""
    manifest = opened.set.manifest
    if Store.OBJECTS in stores and not manifest.objects.copied:
        raise InvalidInputError(
            "this backup lists the objects, and does not hold them",
            advice="Take a set that was made with --objects, or put the objects back from their own copy.",
        )
    check_schemas(opened)
    check_set(opened.set, copied=None if Store.OBJECTS in stores else ())
    opened.keys()
    step("checked")
    if WHOLE.issubset(stores):
        make_bucket(places)
    build = _in_the_folder if places.embedded else _into_servers
    return build(places, opened, frozenset(stores), now, step)


def stands(places: Places) -> bool:
    """Whether there is data that would be put aside."""
    return places.embedded and places.data.is_dir() and bool({each.name for each in places.data.iterdir()} - {_LOCK})


def _into_servers(
    places: Places, opened: Opened, stores: frozenset[Store], now: datetime, step: Callable[[str], None]
) -> Restored:
    check_empty(places, stores)
    check_ours(places, opened)
    put_in(places, opened, stores, step)
    return Restored(None, *_judged(places, now, stores))


def _in_the_folder(
    places: Places, opened: Opened, stores: frozenset[Store], now: datetime, step: Callable[[str], None]
) -> Restored:
    data = places.data
    with _alone(data), _building(data) as building:
        _keep(data, building, stores)
        step("kept")
        inside = places.moved(building)
        check_ours(inside, opened)
        put_in(inside, opened, stores, step, over=True)
        found = _judged(inside, now, stores)
        _make_durable(building, data.stat())
        step("durable")
        before = _take_place(data, building, now, step)
    return Restored(before, *found)


@contextmanager
def _alone(data: Path) -> Iterator[None]:
    """With the folder's lock, as a server has it; raises VaultError while one runs, ConfigurationError for a volume."""
    with unavailable_on_failure(data):
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = DataLock(data / _LOCK)
    lock.take()
    try:
        with unavailable_on_failure(data):
            (data / _MARK).unlink(missing_ok=True)  # of a command that was killed at its very end
            made_durable(data)
        volume = next((each for each in (data, data / "objects", data / "keys") if each.is_mount()), None)
        if volume is not None:
            raise ConfigurationError(
                f"{volume} is a volume of its own, and cannot be exchanged for another folder; nothing was changed",
                advice="Restore to another folder (DOSSIER_DATA), and move its content there by hand.",
            )
        yield
    finally:
        os.close(lock.handle)


@contextmanager
def _building(data: Path) -> Iterator[Path]:
    """A folder for the new data, marked while it is no whole one; what a killed command left is settled first."""
    building = data.with_name(f"{data.name}{_BUILDING}")
    with unavailable_on_failure(building):
        _settle(building)
        try:
            building.mkdir(mode=0o700)
            create_private(building / _MARK, b"")
            yield building
        finally:
            _settle(building)


def _settle(building: Path) -> None:
    """Remove a new folder that did not take its place; one without the mark is the old data, and is kept."""
    if not building.is_dir():
        return
    if (building / _MARK).exists() or not any(building.iterdir()):
        shutil.rmtree(building)
    else:
        at = datetime.fromtimestamp(building.stat().st_mtime, UTC)
        building.rename(aside(building.with_name(building.name.removesuffix(_BUILDING)), at))


def _keep(data: Path, building: Path, stores: Collection[Store]) -> None:
    """Copy what stays: the objects as links, since they never change."""
    replaced = [*_MADE_AT_A_START, *(name for store in stores for name in _FILES[store])]
    if WHOLE.issubset(stores):
        replaced += ["keys", "escrow"]
    with unavailable_on_failure(data):
        for each in sorted(data.iterdir()):
            if each.name.partition("-")[0] in replaced or each.name in replaced or each.is_symlink():
                continue
            into = building / each.name
            if each.is_dir():
                copy = _linked if each.name == OBJECTS else shutil.copy2
                shutil.copytree(each, into, symlinks=True, copy_function=copy, ignore=_drafts)
            elif each.is_file():
                shutil.copy2(each, into)


def _drafts(_: str, names: list[str]) -> list[str]:
    return [name for name in names if name == ".incoming"]


def _linked(source: str, into: str) -> str:
    try:
        os.link(source, into, follow_symlinks=False)
    except OSError:  # a disk without hard links
        shutil.copy2(source, into)
    return into


def _judged(places: Places, now: datetime, stores: Collection[Store]) -> tuple[tuple[Finding, ...], bool]:
    """What the stores say of each other, once the ledger was replayed; and whether they could be compared.

    One store alone may be put back while another is still lost. Raises ConfigurationError for stores of two vaults.
    """
    if not all(is_there(places, store) for store in (RECORDS, KEYSTORE)):
        return (), False
    try:
        with places.ports() as ports:
            found = shut(ports, now, believed=False)
    except (VaultError, SQLAlchemyError):
        if WHOLE.issubset(stores):
            raise
        return (), False
    for each in found:
        if each.fault is Fault.FOREIGN:
            raise ConfigurationError(f"{said(each)[0]}; nothing was changed", advice=said(each)[1])
    return found, True


def _make_durable(folder: Path, like: os.stat_result) -> None:
    """Every file and folder on the disk, before it takes the other's place, and its owner's where root restores."""
    for root, _, names in os.walk(folder):
        for path in (Path(root), *(Path(root) / name for name in names)):
            handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
            try:
                if os.geteuid() == 0:
                    os.fchown(handle, like.st_uid, like.st_gid)
                os.fsync(handle)
            finally:
                os.close(handle)


def _take_place(data: Path, building: Path, now: datetime, step: Callable[[str], None]) -> Path | None:
    """Exchange the folders; where the old data lies then, None for an empty one."""
    if {each.name for each in data.iterdir()} <= {_LOCK}:
        with unavailable_on_failure(data):
            (data / _LOCK).unlink()
            building.rename(data)
        before = None
    else:
        exchange(data, building)
        step("exchanged")
        before = aside(data, now)
        with unavailable_on_failure(before):
            building.rename(before)
    with unavailable_on_failure(data):
        made_durable(data.parent)
        (data / _MARK).unlink()
    return before
