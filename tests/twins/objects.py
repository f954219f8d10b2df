"""The twin of the object store: bytes in a dictionary."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from threading import Lock

from vault.adapters.objects_directory import PIECE, checked_name, removable
from vault.ports.errors import DigestMismatchError
from vault.ports.objects import Source


class MemoryObjects:
    """Implements `vault.ports.objects.Objects`."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._objects: dict[str, bytes] = {}
        self.place: str | None = None  # where a proxy would find them

    def put(self, name: str, source: Source, size: int, digest: bytes, *, fresh: bool = False) -> bool:
        if checked_name(name) in self._objects and not fresh:
            return False
        body, buffer = bytearray(), memoryview(bytearray(PIECE))
        while len(body) <= size and (got := source.readinto(buffer[: size + 1 - len(body)])):
            body += buffer[:got]
        if len(body) != size or hashlib.sha256(body).digest() != digest:
            raise DigestMismatchError("other bytes arrived than were announced")
        with self._lock:
            if name in self._objects:
                return False
            self._objects[name] = bytes(body)
        return True

    def get(self, name: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        if start < 0 or (length is not None and length < 0):
            raise ValueError("a range begins at 0 and is not negative")
        body = self._objects.get(checked_name(name))
        if body is None:
            raise LookupError("no such object")
        end = len(body) if length is None else min(len(body), start + length)
        return (body[at : min(at + PIECE, end)] for at in range(start, end, PIECE))

    def address(self, name: str) -> str | None:
        query = "X-Amz-Credential=key%2Fscope&X-Amz-Date=20261130T000000Z&X-Amz-Expires=15&X-Amz-Signature=5e"
        where = f"{checked_name(name)}?{query}"
        return None if self.place is None else f"{self.place}/{where}"

    def size(self, name: str) -> int | None:
        body = self._objects.get(checked_name(name))
        return None if body is None else len(body)

    def names(self, prefix: str = "") -> Iterator[str]:
        with self._lock:
            return iter(sorted(name for name in self._objects if name.startswith(prefix)))

    def remove(self, names: Iterable[str]) -> None:
        for name in removable(names):
            with self._lock:
                self._objects.pop(name, None)

    def remove_below(self, folder: str) -> None:
        self.remove(list(self.names(f"{checked_name(folder)}/")))

    def empty_below(self, folder: str) -> bool:
        return next(self.names(f"{checked_name(folder)}/"), None) is None

    def check(self) -> None:
        """Memory always answers."""
