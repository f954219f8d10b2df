"""Brings one document of a pick-up into its folder: fetched, opened while it comes, verified, on the disk.

What came before a kill or a cut is not fetched again, segment by segment: a journal says which came, and the seams
between them lie beside it (`vault/sdk/documents/opened.py`). A document of one segment needs neither.
"""

from __future__ import annotations

import os
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from vault.records.types.document import Document, segment_count
from vault.sdk.device.progress import Progress, Tally
from vault.sdk.documents.arrived import Arrived
from vault.sdk.documents.bodies import DamagedDocumentError, disk, make_private
from vault.sdk.documents.digests import file_digest
from vault.sdk.documents.fetching import Source, fetch
from vault.sdk.documents.opened import OpenedBody
from vault.sdk.shares.capsules import Entry
from vault.sdk.shares.pickup_folder import PickupFolder
from vault.secret import Secret

_NONE = -1


@dataclass(frozen=True, slots=True, repr=False)
class Released:
    """A document with its released key, checked against the cover."""

    document: Document
    file_key: Secret


def bring(source: Source, folder: PickupFolder, one: Released, entry: Entry, progress: Progress) -> None:
    """Get a document's verified plaintext into the folder; a finished one of an earlier run is not fetched again.

    Raises DamagedDocumentError, DiskError, UnavailableError.
    """
    document = one.document
    segments, seams = folder.segments(document.id), folder.seams(document.id)
    with ExitStack() as stack:
        plain = _opened(stack, folder.plain(document.id), folder)
        if not segments.exists() and _is_there(plain, entry):
            progress.advance(document.size)
            return
        several = segment_count(document.size) > 1
        journal, parted = (_opened(stack, path, folder) if several else _NONE for path in (segments, seams))
        _Bringing(source, one, entry, folder.path, (plain, journal, parted)).run(progress)
    # The journal goes first: without it the file counts as finished, and nobody misses the seams.
    segments.unlink(missing_ok=True)
    seams.unlink(missing_ok=True)


def _opened(stack: ExitStack, path: Path, folder: PickupFolder) -> int:
    with disk(folder.path):
        fd = make_private(path)
    stack.callback(os.close, fd)
    return fd


def _is_there(plain: int, entry: Entry) -> bool:
    return bool(entry.size) and os.fstat(plain).st_size == entry.size and file_digest(plain) == entry.digest


@dataclass(frozen=True, slots=True, repr=False)
class _Bringing:
    """One document on its way into the files `plain`, `journal` and `seams`."""

    source: Source
    one: Released
    entry: Entry
    place: Path
    files: tuple[int, int, int]

    def run(self, progress: Progress) -> None:
        """Fetch the rest; where what an earlier run left is damaged, by a crash or a disk, all of it again."""
        plain, journal, _ = self.files
        arrived = self._arrived()
        resumed, tally = bool(arrived.numbers), Tally(progress)
        try:
            self._fetch(arrived, tally)
        except DamagedDocumentError:
            if not resumed:
                raise
            tally.advance(-tally.amount)
            os.ftruncate(journal, 0)
            self._fetch(self._arrived(), tally)
        with disk(self.place):
            os.fsync(plain)

    def _arrived(self) -> Arrived:
        journal = self.files[1]
        return Arrived(self.one.document.size, None if journal == _NONE else journal)

    def _fetch(self, arrived: Arrived, progress: Progress) -> None:
        plain, _, seams = self.files
        document = self.one.document
        body = OpenedBody((plain, seams), document, self.one.file_key, arrived, place=self.place)
        fetch(self.source, document.size, body, progress)
        body.check(self.entry.digest)
