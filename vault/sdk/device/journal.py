"""What was encrypted under the key of an unfinished deposit: a journal of plaintext digests, block by block.

A stream cipher must never encrypt two plaintexts at one position. An interrupted deposit is resumed with its key and
nonce, from a source that may have changed unseen. So the digest of each block is on the disk *before* the block is
encrypted, and a block that is encrypted again must give that digest.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Iterator

from vault.boxes import box, unbox
from vault.records.encoding import lp
from vault.secret import Secret

_DIGEST, _BOX = 32, 32 + 41
_LINE = 4 + _BOX


class Journal:
    """The open journal of one deposit; its holder has it locked. A line is the block's number and a box.

    Raises BoxError for a damaged line. A line that a loss of power cut off is none: nothing followed it.
    """

    def __init__(self, fd: int, key: Secret, document: str) -> None:
        self._fd, self._key, self._document = fd, key, document
        self._claimed = dict(self._lines())
        self._end = len(self._claimed) * _LINE

    def claim(self, block: int, digest: bytes) -> bool:
        """Whether this is what was claimed for the block; of a new block, on the disk when this returns."""
        known = self._claimed.get(block)
        if known is not None:
            return hmac.compare_digest(known, digest)
        sealed = box(self._key, _place(self._document, block), digest)
        self._append(block.to_bytes(4, "big") + sealed)
        self._claimed[block] = digest
        return True

    def _append(self, line: bytes) -> None:
        left = memoryview(line)
        while left:
            written = os.pwrite(self._fd, left, self._end + len(line) - len(left))
            left = left[written:]
        os.fdatasync(self._fd)
        self._end += len(line)

    def _lines(self) -> Iterator[tuple[int, bytes]]:
        offset = 0
        while len(line := os.pread(self._fd, _LINE, offset)) == _LINE:
            block = int.from_bytes(line[:4], "big")
            yield block, unbox(self._key, _place(self._document, block), line[4:])
            offset += _LINE


def _place(document: str, block: int) -> bytes:
    return lp(b"vault/v1/spool/block", document.encode(), str(block).encode())
