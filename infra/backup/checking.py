"""Reading a set back: every file is what the manifest says, and nothing else lies there.

Whoever made it holds the keys of its parts still, and opens them; later only a director does.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from infra.backup.folder import MANIFEST, OBJECTS, BackupSet, digest_of, read_file
from infra.backup.keys import LIMIT as KEYS_LIMIT
from infra.backup.keys import parse_keys
from infra.backup.objects import listing
from infra.backup.row_lines import About, read_lines
from infra.backup.sealed import Sealing, check_head, lines
from vault.errors import IntegrityError
from vault.files import unavailable_on_failure
from vault.records.backup import ESCROW, KEYS, KEYSTORE, LISTING, RECORDS, SEALED, Counted, Part
from vault.records.encoding import RecordError
from vault.records.escrow import LIMIT as ESCROW_LIMIT
from vault.records.escrow import parse_escrow


def check_set(
    found: BackupSet, seals: Mapping[str, Sealing] | None = None, copied: Collection[str] | None = None
) -> int:
    """Read all of it; how many objects were compared. Raises IntegrityError at the first thing that is another.

    Whoever made it gives the keys of its parts, and the objects that were copied: the others are links to those of the
    set before, which was read back then.
    """
    manifest = found.manifest
    for part in manifest.parts:
        _same(found.path, part)
        if part.name.startswith(ESCROW):
            _escrow(found, part)
        elif part.name in SEALED:
            check_head(found.path / part.name)
    if seals is not None:
        _opens(found, seals)
    compared = _objects(found, copied)
    _nothing_else(found)
    return compared


def about(found: BackupSet, store: str) -> About:
    """What the rows of that store are to say of themselves."""
    return About(store, found.manifest.installation, found.manifest.schemas[store])


def _same(folder: Path, part: Part) -> None:
    if digest_of(folder / part.name) != (part.size, part.digest):
        raise IntegrityError(f"{part.name} is another one than the manifest of {folder.name} says", advice=_ANOTHER)


def _escrow(found: BackupSet, part: Part) -> None:
    try:
        escrow = parse_escrow(read_file(found.path / part.name, ESCROW_LIMIT))
    except RecordError as error:
        raise IntegrityError(f"{part.name} is no escrow: {error}", advice=_ANOTHER) from error
    named = (escrow.installation, f"{ESCROW}{escrow.generation}")
    if named != (found.manifest.installation, part.name):
        raise IntegrityError(f"{part.name} is of another installation or generation", advice=_ANOTHER)


def _opens(found: BackupSet, seals: Mapping[str, Sealing]) -> None:
    for name, store in ((RECORDS, "records"), (KEYSTORE, "keystore")):
        for _ in read_lines(lines(seals[name].opened(found.path / name), name), about(found, store)):
            pass
    raw = b"".join(seals[KEYS].opened(found.path / KEYS))
    parse_keys(raw[: KEYS_LIMIT + 1], found.manifest.installation)


def _objects(found: BackupSet, copied: Collection[str] | None) -> int:
    count = size = compared = 0
    chosen = None if copied is None else set(copied)
    for each in listing(found.path / LISTING):
        count, size = count + 1, size + each.size
        if found.manifest.objects.copied and (chosen is None or each.name in chosen):
            compared += 1
            if digest_of(found.path / OBJECTS / each.name) != (each.size, each.digest):
                raise IntegrityError(f"the object {each.name} is another one than its list says", advice=_ANOTHER)
    if Counted(count, size, found.manifest.objects.copied) != found.manifest.objects:
        raise IntegrityError("the list of objects is shorter or longer than its manifest says", advice=_ANOTHER)
    return compared


def _nothing_else(found: BackupSet) -> None:
    """What nobody listed is not ours: it would be taken for a part of the set."""
    known = {MANIFEST, *(part.name for part in found.manifest.parts)}
    if found.manifest.objects.copied:
        known |= {f"{OBJECTS}/{each.name}" for each in listing(found.path / LISTING)}
    for name in _files(found.path):
        if name not in known:
            raise IntegrityError(f"{name} in {found.path.name} is no part of it", advice=_ANOTHER)


def _files(folder: Path) -> Iterator[str]:
    with unavailable_on_failure(folder):
        for root, folders, names in os.walk(folder):
            for name in [*names, *(each for each in folders if (Path(root) / each).is_symlink())]:
                yield str((Path(root) / name).relative_to(folder))


_ANOTHER = "Nothing was changed. Take another set."
