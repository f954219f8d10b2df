"""Objects in an S3 bucket, by the `minio` client."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from vault.errors import ConfigurationError
from vault.ports import Source


class S3Objects:
    """Implements `vault.ports.Objects`."""

    def __init__(self, bucket: str, *, endpoint: str, region: str, access_key: str, secret_key: str) -> None:
        raise ConfigurationError("S3 is on its way", advice="Unset DOSSIER_OBJECTS.")

    def put(self, name: str, source: Source, size: int, digest: bytes) -> bool:
        raise NotImplementedError

    def get(self, name: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        raise NotImplementedError

    def size(self, name: str) -> int | None:
        raise NotImplementedError

    def names(self, prefix: str = "") -> Iterator[str]:
        raise NotImplementedError

    def remove(self, names: Iterable[str]) -> None:
        raise NotImplementedError

    def remove_below(self, folder: str) -> None:
        raise NotImplementedError

    def empty_below(self, folder: str) -> bool:
        raise NotImplementedError

    def check(self) -> None:
        raise NotImplementedError
