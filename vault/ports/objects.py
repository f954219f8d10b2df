"""Immutable objects of ciphertext, by name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol


class Source(Protocol):
    """Bytes to be stored, read once."""

    def readinto(self, buffer: memoryview, /) -> int:
        """The next bytes into `buffer`; how many, at least one before the end, 0 after it."""


class Objects(Protocol):
    """Immutable objects by name; ciphertext only."""

    def put(self, name: str, source: Source, size: int, digest: bytes, *, fresh: bool = False) -> bool:
        """Store exactly `size` bytes with that SHA-256 under a new name, durably: True.

        False when the name is taken (`source` is not read then). Raises DigestMismatchError when the bytes are not
        those announced (nothing is kept), and UnavailableError when the store cannot take them (also for a full disk).
        `fresh`: the caller knows that the name was new when it began, and no request is spent to look; who puts the
        same name at the same time may still be first.
        """

    def get(self, name: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """The bytes from `start`, in pieces of at most 1 MiB; raises LookupError before the first piece if absent."""

    def address(self, name: str) -> str | None:
        """A URL from which a proxy before the gateway gets the object during the next seconds.

        None where the store has no such thing. Whoever knows it may read this one object. It says nothing of whether
        there is one.
        """

    def size(self, name: str) -> int | None:
        """Its size, or None when there is none."""

    def names(self, prefix: str = "") -> Iterator[str]:
        """The names that can be read and begin with `prefix`, in order."""

    def remove(self, names: Iterable[str]) -> None:
        """Remove every version of each name; repeatable; absent names are no error.

        Nothing under `ledger/` is ever removed: such a name raises InvalidInputError before anything is removed.
        """

    def remove_below(self, folder: str) -> None:
        """Remove every version and delete marker under `folder/`, whoever wrote them; repeatable.

        Raises UnavailableError when something is still listed there afterwards.
        """

    def empty_below(self, folder: str) -> bool:
        """True when nothing is left under `folder/`: no object, no older version, no delete marker."""

    def check(self) -> None:
        """Raise UnavailableError unless the store answers."""
