"""Whether an S3 server compares a body with the SHA-256 that its signed request names (`x-amz-checksum-sha256`).

A server that knows the header computes one digest for it: in place of the one that the request would be signed for, and
of a checksum of its own choice. Not every server knows it, and none says so. So a body with one wrong byte is tried.
"""

from __future__ import annotations

import base64
import time
from hashlib import sha256
from threading import Lock

from vault.adapters.objects_s3.connection import UNSIGNED, Connection, finished
from vault.adapters.objects_s3.refusals import ABSENT, FAULTS, FORBIDDEN, RefusedError, refusal

NAME = "trial/checksum"  # kept only by a server that does not compare; there the worker removes it, as nobody's object
KEPT_SECONDS = 3600.0
_SIZE = (1 << 20) + 1  # more than a server reads before it answers to the head of a request
_MISMATCH = {"BadDigest", "XAmzContentChecksumMismatch"}


def checksum(digest: bytes) -> dict[str, str]:
    """The header that names a body's SHA-256."""
    return {"x-amz-checksum-sha256": base64.b64encode(digest).decode()}


def is_mismatch(refused: RefusedError) -> bool:
    """Whether the server refused a body because it has another digest than the named one."""
    return refused.kind in _MISMATCH


class ChecksumTrial:
    """What one process knows of its server. It asks before it relies on the answer, and again after an hour."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._asking = Lock()
        self._until = 0.0
        self._proven = False

    def proven(self) -> bool:
        """Whether the server refuses other bytes. False also while it is unknown, or another thread is asking."""
        if time.monotonic() < self._until:
            return self._proven
        if not self._asking.acquire(blocking=False):
            return False
        try:
            self._proven = self._refuses() and not self._kept()
            self._until = time.monotonic() + KEPT_SECONDS
        except FAULTS as fault:
            self._proven = False
            trouble = refusal(fault)
            if isinstance(trouble, RefusedError) and not trouble.passing:
                self._until = time.monotonic() + KEPT_SECONDS
        finally:
            self._asking.release()
        return self._proven

    def _refuses(self) -> bool:
        """Put a body whose last byte is wrong; raises FAULTS."""
        named = checksum(sha256(bytes(_SIZE - 1) + b"\x01").digest())
        headers = {"Content-Length": str(_SIZE), "Content-Type": "application/octet-stream", "If-None-Match": "*"}
        try:
            finished(self._connection.open("PUT", NAME, headers=headers | named, body=bytes(_SIZE), digest=UNSIGNED))
        except RefusedError as refused:
            if is_mismatch(refused):
                return True
            raise
        return False

    def _kept(self) -> bool:
        """Whether the object is there all the same; a role that may not list is told 403 of an absent one."""
        try:
            finished(self._connection.open("HEAD", NAME))
        except RefusedError as refused:
            if refused.status in {ABSENT, FORBIDDEN}:
                return False
            raise
        return True
