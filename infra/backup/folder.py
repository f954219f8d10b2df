"""The folder of the sets: each in a folder of its own, whole under its name or a draft that begins with a dot.

Links in it are followed nowhere: what is no folder of the right name is not ours, and is left alone.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import shutil
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BufferedReader
from pathlib import Path

from vault.domain.clock import from_ahead
from vault.domain.erasures import HORIZON
from vault.errors import ConfigurationError, IntegrityError, VaultError
from vault.files import made_durable, unavailable_on_failure
from vault.records.backup import LIMIT, Manifest, is_name, name_of, parse_manifest
from vault.records.encoding import RecordError
from vault.sdk.errors import MissingInputError

MANIFEST, OBJECTS = "manifest.json", "objects"
_LOCK, _PARTIAL, _REMOVED = ".lock", ".partial", ".removed"
_ASIDE, _TIME = ".before-", "%Y%m%dT%H%M%SZ"
_DAILY = timedelta(days=1)
_READ = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK


@dataclass(frozen=True, slots=True)
class BackupSet:
    """A set under its name, with its manifest."""

    path: Path
    manifest: Manifest


def usable(folder: Path, installation: Iterable[Path]) -> Path:
    """The folder for the sets, made (0700) if missing.

    Raises ConfigurationError for one inside the installation, whose disk it would go with, or inside a checkout.
    """
    found = folder.expanduser().resolve()
    for part in (each.resolve() for each in installation):
        if found == part or part in found.parents:
            raise ConfigurationError(
                f"{found} is in {part}, which it is to be a copy of; nothing was written",
                advice="Choose a folder on another disk.",
            )
    for above in (found, *found.parents):
        if (above / ".git").exists():
            raise ConfigurationError(
                f"{found} is in the checkout {above}, from where a commit or a build takes it along",
                advice="Choose a folder outside of it. Nothing was written.",
            )
    with unavailable_on_failure(found):
        found.mkdir(mode=0o700, parents=True, exist_ok=True)
    return found


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Alone in that folder; raises VaultError while another command is. What a killed one left is removed."""
    with unavailable_on_failure(folder):
        handle = os.open(folder / _LOCK, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise VaultError(
                f"another backup is being made in {folder}", advice="Nothing was changed. Let it end, then try again."
            ) from error
        _remove_leftovers(folder)
        yield
    finally:
        os.close(handle)


def draft_of(folder: Path, at: datetime) -> Path:
    """The folder of a set that is being made."""
    path = folder / f".{at:%Y%m%dT%H%M%SZ}{_PARTIAL}"
    with unavailable_on_failure(path):
        path.mkdir(mode=0o700)
    return path


def sets_in(folder: Path) -> list[BackupSet]:
    """The whole sets, the oldest first; one whose manifest is not the one of its name is left out."""
    with unavailable_on_failure(folder):
        names = sorted(each.name for each in os.scandir(folder) if each.is_dir(follow_symlinks=False))
    found = []
    for name in filter(is_name, names):
        with suppress(IntegrityError):
            found.append(read_set(folder / name))
    return found


def read_set(path: Path) -> BackupSet:
    """The set of that path; raises IntegrityError when its manifest is damaged or another one."""
    raw = read_file(path / MANIFEST, LIMIT)
    try:
        manifest = parse_manifest(raw)
    except RecordError as error:
        raise IntegrityError(f"the manifest of {path.name} is damaged: {error}", advice=_ANOTHER) from error
    if name_of(manifest.at, raw) != path.name:
        raise IntegrityError(f"the manifest of {path.name} is another one than its name says", advice=_ANOTHER)
    return BackupSet(path, manifest)


def chosen(folder: Path, name: str | None = None) -> BackupSet:
    """That set of the folder, or its newest; `folder` may be a set itself. Raises MissingInputError."""
    folder = folder.expanduser().resolve()
    if name is None and is_name(folder.name) and (folder / MANIFEST).is_file():
        return read_set(folder)
    found = sets_in(folder) if folder.is_dir() else []
    if name is not None:
        found = [each for each in found if each.path.name == name]
    if not found:
        raise MissingInputError(
            f"{folder} holds no such set of a backup",
            advice="Name the folder that `dossier backup` was given, or a set in it with --set.",
        )
    return found[-1]


def outdated(sets: Iterable[BackupSet], newest: BackupSet, now: datetime) -> list[BackupSet]:
    """The sets that would be older than the horizon before the next one is made: certificates promise that none is.

    Never the newest, and none of another installation.
    """
    mine = [each for each in sets if each.manifest.installation == newest.manifest.installation]
    return [each for each in mine if each.path != newest.path and now - each.manifest.at > HORIZON - _DAILY]


def put_aside(data: Path, now: datetime) -> list[Path]:
    """What restores have put aside beside the data: keys and rows of before, which go as the sets of that time do."""
    with unavailable_on_failure(data.parent):
        found = [each for each in os.scandir(data.parent) if each.is_dir(follow_symlinks=False)]
    times = {each.name: aside_at(data, each.name) for each in found}
    return [data.with_name(name) for name, at in sorted(times.items()) if at and now - at > HORIZON - _DAILY]


def aside(data: Path, at: datetime) -> Path:
    """Where the data of before is put by a restore at that time: under a name that is free."""
    while (path := data.with_name(f"{data.name}{_ASIDE}{at:{_TIME}}")).exists():
        at += timedelta(seconds=1)
    return path


def aside_at(data: Path, name: str) -> datetime | None:
    """When that was put aside; None for the name of something else."""
    prefix = f"{data.name}{_ASIDE}"
    if not name.startswith(prefix):
        return None
    try:
        return datetime.strptime(f"{name.removeprefix(prefix)}+0000", f"{_TIME}%z")
    except ValueError:
        return None


def from_the_future(sets: Iterable[BackupSet], now: datetime) -> bool:
    """Whether a set was made later than now: then one of two clocks is wrong, and nothing is removed by it."""
    return any(from_ahead(each.manifest.at, now) for each in sets)


def remove(path: Path) -> None:
    """Remove a set; half removed it has no set's name any more."""
    gone = path.with_name(f".{path.name}{_REMOVED}")
    with unavailable_on_failure(path):
        path.rename(gone)
        shutil.rmtree(gone)
        made_durable(path.parent)


def read_file(path: Path, limit: int) -> bytes:
    """A small file of a set; raises IntegrityError for what is none."""
    with unavailable_on_failure(path), _opened(path) as file:
        return file.read(limit + 1)


def digest_of(path: Path) -> tuple[int, str]:
    """Size and SHA-256 of a file of a set, from the disk; raises IntegrityError where there is none."""
    with unavailable_on_failure(path), _opened(path) as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return file.tell(), digest


def _opened(path: Path) -> BufferedReader:
    """A file that no link leads to, and that nobody has to fill first."""
    try:
        handle = os.open(path, _READ)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise IntegrityError(f"{path.name} is no file", advice=_ANOTHER) from error
        if error.errno in {errno.ENOENT, errno.ENOTDIR}:
            raise IntegrityError(f"{path.name} is missing in {path.parent.name}", advice=_ANOTHER) from error
        raise
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise IntegrityError(f"{path.name} is no file", advice=_ANOTHER)
    return os.fdopen(handle, "rb")


def _remove_leftovers(folder: Path) -> None:
    with unavailable_on_failure(folder):
        for each in list(os.scandir(folder)):
            left = each.name.startswith(".") and each.name.endswith((_PARTIAL, _REMOVED))
            if left and each.is_dir(follow_symlinks=False):
                shutil.rmtree(each.path)


_ANOTHER = "Nothing was changed. Take another set."
