"""Which segments of a body came, with the digest of each: in memory, and for who must go on after a kill in a journal.

The journal is one entry of 40 bytes a segment, in the order in which they came: its number, and the SHA-256 of its
ciphertext. What it says is believed for as long as the digests of body and plaintext come out as they were signed.
"""

from __future__ import annotations

import os

from vault.records.types.document import body_digest, segment_count

_NUMBER, _ENTRY = 8, 40


class Arrived:
    """The segments of one body that came; `journal` is a descriptor, or None."""

    def __init__(self, size: int, journal: int | None = None) -> None:
        self._count = segment_count(size)
        self._journal = journal
        self._digests: dict[int, bytes] = {}
        if journal is not None:
            self._read(journal)

    def __contains__(self, number: int) -> bool:
        return number in self._digests

    @property
    def numbers(self) -> tuple[int, ...]:
        """The segments that came."""
        return tuple(self._digests)

    @property
    def missing(self) -> list[int]:
        """The segments that did not come yet, in order."""
        return [number for number in range(self._count) if number not in self._digests]

    def add(self, number: int, digest: bytes) -> None:
        """A segment came; called by one thread at a time. Raises OSError."""
        if self._journal is not None:
            entry = number.to_bytes(_NUMBER, "big") + digest
            if os.pwrite(self._journal, entry, len(self._digests) * _ENTRY) != _ENTRY:
                raise OSError("the journal was written in part")
        self._digests[number] = digest

    def digest(self) -> str:
        """The digest of the body, of which everything came."""
        return body_digest(self._digests[number] for number in range(self._count))

    def _read(self, journal: int) -> None:
        """Take what an earlier run wrote; an entry that is cut off, or is none, ends it."""
        content = os.pread(journal, os.fstat(journal).st_size, 0)
        for at in range(0, len(content) - _ENTRY + 1, _ENTRY):
            number = int.from_bytes(content[at : at + _NUMBER], "big")
            if number >= self._count or number in self._digests:
                break
            self._digests[number] = content[at + _NUMBER : at + _ENTRY]
        os.ftruncate(journal, len(self._digests) * _ENTRY)
