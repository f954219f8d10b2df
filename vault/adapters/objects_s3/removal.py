"""Removal of every version and delete marker. Success is an empty listing, not the server's responses."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from itertools import groupby, islice
from os.path import commonprefix

from minio.deleteobjects import DeleteObject

from vault.adapters.objects_s3.connection import Connection
from vault.adapters.objects_s3.listing import Listing
from vault.adapters.objects_s3.refusals import RefusedError, refused
from vault.adapters.objects_s3.xml import Stored

_AT_ONCE = 1000  # S3's limit for one multi-object delete


class Removal:
    """Removes by name or by prefix."""

    def __init__(self, connection: Connection, listing: Listing) -> None:
        self._connection = connection
        self._listing = listing

    def names(self, names: Sequence[str]) -> None:
        """Remove every version of these names, which are sorted and distinct; one listing a folder, not one a name."""
        for at in range(0, len(names), _AT_ONCE):
            some = names[at : at + _AT_ONCE]
            self._until_gone(partial(self._versions, some))

    def below(self, prefix: str) -> None:
        """Remove everything with this prefix: the first page, until there is none."""
        self._until_gone(lambda: list(islice(self._listing.versions(prefix), _AT_ONCE)))

    def _versions(self, names: Sequence[str]) -> list[Stored]:
        found: list[Stored] = []
        for _, inside in groupby(names, key=lambda name: name.rpartition("/")[0]):
            wanted = set(inside)
            prefix = commonprefix(list(wanted))  # noqa: RUF071 - an S3 prefix is one of characters
            found += (entry for entry in self._listing.versions(prefix) if entry.name in wanted)
        return found

    def _until_gone(self, find: Callable[[], list[Stored]]) -> None:
        """Find and remove until nothing is found; names that reappear are tried a few times."""
        pauses = iter(self._connection.pauses)
        before: set[Stored] = set()
        while found := find():
            if not before.isdisjoint(found):
                pause = next(pauses, None)
                if pause is None:
                    raise RefusedError("what was removed is still listed", 0, passing=False)
                time.sleep(pause)
            before = set(found)
            for at in range(0, len(found), _AT_ONCE):
                self._remove(found[at : at + _AT_ONCE])

    def _remove(self, some: Sequence[Stored]) -> None:
        """One multi-object delete; raises RefusedError for permanent errors; a listing will show the temporary ones."""
        bucket = self._connection.bucket
        # Versity Gateway repeats some entries at the end of a page.
        asked = [DeleteObject(each.name, each.version or None) for each in dict.fromkeys(some)]
        errors = self._connection.attempt(lambda: list(self._connection.client.remove_objects(bucket, asked)))
        for error in errors:
            trouble = refused(error.code, 0)
            if not trouble.passing and error.code not in {"NoSuchKey", "NoSuchVersion"}:
                raise trouble
