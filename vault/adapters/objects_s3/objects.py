"""The port `Objects` on a bucket."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from vault.adapters.objects_directory import checked_name, removable
from vault.adapters.objects_s3.body import PIECE, AnnouncedBody, BodyError
from vault.adapters.objects_s3.checksums import ChecksumTrial, checksum, is_mismatch
from vault.adapters.objects_s3.connection import UNSIGNED, Connection, Patience, finished
from vault.adapters.objects_s3.listing import Listing
from vault.adapters.objects_s3.pieces import Pieces
from vault.adapters.objects_s3.refusals import ABSENT, CONFLICT, FORBIDDEN, PRECONDITION, RefusedError
from vault.adapters.objects_s3.removal import Removal
from vault.errors import InvalidInputError
from vault.ports.errors import DigestMismatchError
from vault.ports.objects import Source

_UNKNOWN = "ledger/check"  # every role may read there, and no object has this name: those of the ledger are numbers


class S3Objects:
    """Implements `vault.ports.objects.Objects`.

    An object is never overwritten: `If-None-Match` decides. A server that ignores it (`rclone serve s3`) is asked
    beforehand; there, of two racing puts of one name the later one wins. A put whose response is lost raises
    UnavailableError; repeating it tells whether it was kept.

    Gateways need only the rights Put and Get; `names`, `remove`, `remove_below` and `empty_below` need the worker's
    (infra/roles/bucket_policy.json). Requests are retried a few times where that is safe.
    """

    def __init__(
        self,
        bucket: str,
        *,
        endpoint: str,
        region: str,
        access_key: str,
        secret_key: str,
        patience: Patience = Patience(),  # noqa: B008 - a frozen value
        proving: bool = False,
    ) -> None:
        """Take the bucket and its keys. `proving`: find out whether the server compares digests, and rely on that."""
        self._connection = Connection(
            bucket, endpoint=endpoint, region=region, access_key=access_key, secret_key=secret_key, patience=patience
        )
        self._listing = Listing(self._connection)
        self._removal = Removal(self._connection, self._listing)
        self._digests = ChecksumTrial(self._connection) if proving else None

    def put(self, name: str, source: Source, size: int, digest: bytes, *, fresh: bool = False) -> bool:
        """See `Objects.put`; the request is cut before its last piece unless the bytes are those announced.

        Where the server is known to compare the digest, it does that instead of this process.
        """
        checked_name(name)
        if not fresh and self._there(name):
            return False
        if size <= PIECE:
            kept = AnnouncedBody(source, size, digest, trusting=False).whole()
            return self._connection.attempt(lambda: self._put(name, kept, size, digest))
        trusting = self._digests is not None and self._digests.proven()
        body = AnnouncedBody(source, size, digest, trusting=trusting)
        try:
            return self._connection.attempt(
                lambda: self._put(name, body, size, digest, trusting=trusting), again=lambda: not body.begun
            )
        except BodyError:
            assert body.fault is not None
            raise body.fault from None
        except RefusedError as refused:
            if trusting and is_mismatch(refused):
                raise DigestMismatchError("other bytes arrived than were announced") from None
            # A server that refuses a taken name may cut the connection before its response can be read.
            if body.begun and not body.ended and self._there(name):
                return False
            raise

    def get(self, name: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """See `Objects.get`; pieces of at most 256 KiB; the connection returns to the pool at the end or `close`."""
        if start < 0 or (length is not None and length < 0):
            raise ValueError("a range begins at 0 and is not negative")
        if length == 0:  # HTTP cannot express an empty range
            if self.size(name) is None:
                raise LookupError("no such object")
            return iter(())
        return Pieces(self._connection, checked_name(name), start, length)

    def address(self, name: str) -> str | None:
        """See `Objects.address`; signed with this role's key, for a GET of this object alone."""
        return self._connection.address(checked_name(name))

    def size(self, name: str) -> int | None:
        """See `Objects.size`; a role without the right to read may have the right to list."""
        try:
            return self._head(checked_name(name))
        except RefusedError as refused:
            if refused.status not in {ABSENT, FORBIDDEN}:
                raise
            unknown = refused.status
        return self._listed(name, unknown)

    def names(self, prefix: str = "") -> Iterator[str]:
        """See `Objects.names`; one page in memory at a time. UnavailableError unless the server sorts by name."""
        before = ""
        for entry in self._listing.objects(prefix):
            if entry.name <= before:
                raise RefusedError("names come in another order than S3 promises", 0, passing=False)
            before = entry.name
            if _ours(entry.name):
                yield entry.name

    def remove(self, names: Iterable[str]) -> None:
        """See `Objects.remove`: every version and delete marker, verified by listing them again."""
        self._removal.names(sorted(set(removable(names))))

    def remove_below(self, folder: str) -> None:
        """See `Objects.remove_below`; raises InvalidInputError for the ledger."""
        if f"{checked_name(folder)}/".startswith("ledger/"):
            raise InvalidInputError("nothing is removed from the ledger")
        self._removal.below(f"{folder}/")

    def empty_below(self, folder: str) -> bool:
        """See `Objects.empty_below`."""
        return next(self._listing.versions(f"{checked_name(folder)}/"), None) is None

    def check(self) -> None:
        """See `Objects.check`: the server knows bucket and credentials. It does not test their rights."""
        try:
            Pieces(self._connection, _UNKNOWN, 0, None).close()
        except LookupError:
            return
        except RefusedError as refused:
            if refused.kind != "AccessDenied":  # S3's code for an absent name, to a role that may not list
                raise

    def _put(self, name: str, body: bytes | AnnouncedBody, size: int, digest: bytes, *, trusting: bool = False) -> bool:
        headers = {"Content-Length": str(size), "Content-Type": "application/octet-stream", "If-None-Match": "*"}
        headers |= checksum(digest) if trusting else {}
        try:
            announced = UNSIGNED if trusting else digest.hex()
            finished(self._connection.open("PUT", name, headers=headers, body=body, digest=announced))
        except RefusedError as refused:
            # Look again: Versity Gateway also refuses because of a delete marker, and a conflict may be with a removal.
            if refused.status in {PRECONDITION, CONFLICT} and self._there(name):
                return False
            raise
        return True

    def _there(self, name: str) -> bool:
        """Whether the object exists; without the right to look, it counts as absent until the put."""
        try:
            self._head(name)
        except RefusedError as refused:
            if refused.status in {ABSENT, FORBIDDEN}:
                return False
            raise
        return True

    def _head(self, name: str) -> int:
        def ask() -> int:
            response = self._connection.open("HEAD", name)
            finished(response)
            return int(response.headers.get("Content-Length", ""))

        return self._connection.attempt(ask)

    def _listed(self, name: str, before: int) -> int | None:
        """Its size by the listing. A role that may not list relies on a 404 before; a 403 tells it nothing."""
        try:
            first = next(self._listing.objects(name), None)
        except RefusedError as refused:
            if refused.status != FORBIDDEN or before != ABSENT:
                raise
            return None
        return first.size if first is not None and first.name == name else None


def _ours(name: str) -> bool:
    try:
        checked_name(name)
    except InvalidInputError:
        return False
    return True
