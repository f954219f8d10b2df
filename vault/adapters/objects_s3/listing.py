"""Listings of the bucket: current objects, and every version and delete marker, page by page."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from vault.adapters.objects_s3.connection import Connection, finished
from vault.adapters.objects_s3.refusals import RefusedError
from vault.adapters.objects_s3.xml import Page, Stored, read_objects, read_versions

_PAGE = {"delimiter": "", "encoding-type": "url", "max-keys": "1000"}
_NOT_IMPLEMENTED = 501


class Listing:
    """Lists by prefix, in the server's order; names outside the prefix are dropped, so that they are never removed."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def objects(self, prefix: str) -> Iterator[Stored]:
        """The current objects."""
        return self._pages(prefix, {"list-type": "2"}, read_objects)

    def versions(self, prefix: str) -> Iterator[Stored]:
        """Every version and delete marker; on a server without versioning only the current objects."""
        try:
            yield from self._pages(prefix, {"versions": ""}, read_versions)
        except RefusedError as refused:
            if refused.status != _NOT_IMPLEMENTED:
                raise
            yield from self.objects(prefix)

    def _pages(self, prefix: str, query: dict[str, str], read: Callable[[bytes], Page]) -> Iterator[Stored]:
        following: dict[str, str] | None = {}
        while following is not None:
            page = self._page({"prefix": prefix, **query, **_PAGE, **following}, read)
            yield from (entry for entry in page.entries if entry.name.startswith(prefix))
            if following == page.following:
                raise RefusedError("a listing does not go on", 0, passing=False)
            following = page.following

    def _page(self, query: dict[str, str], read: Callable[[bytes], Page]) -> Page:
        return self._connection.attempt(lambda: read(finished(self._connection.open("GET", query=query))))
