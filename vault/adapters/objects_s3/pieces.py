"""The bytes of an object as a stream; a cut connection is resumed where it was."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

from urllib3 import BaseHTTPResponse
from urllib3.exceptions import HTTPError

from vault.adapters.objects_s3.connection import Connection
from vault.adapters.objects_s3.refusals import RANGE, RefusedError, refusal
from vault.errors import IntegrityError

PIECE = 1 << 18  # as fast as pieces of 1 MiB, and 200 downloads need a quarter of the memory
_PARTIAL = 206
_CONTENT_RANGE = re.compile(r"bytes ([0-9]{1,15})-([0-9]{1,15})/(?:[0-9]{1,15}|\*)", re.ASCII)
_SIZE = re.compile(r"[0-9]{1,15}", re.ASCII)


class Pieces:
    """The bytes from `start`, `length` of them or all; the request is sent at once.

    Raises LookupError when there is no such object, UnavailableError when the store fails, IntegrityError when the
    store sends another range than requested. A short body always raises.
    """

    def __init__(self, connection: Connection, name: str, start: int, length: int | None) -> None:
        self._connection = connection
        self._name = name
        self._at = start
        self._pauses = iter(connection.pauses)
        self._coming: Iterator[bytes] = iter(())
        self._response: BaseHTTPResponse | None = None
        self._end = start
        try:
            self._response = self._ask(length)
        except RefusedError as refused:
            if refused.absent:
                raise LookupError("no such object") from None
            if refused.status != RANGE:  # else the range is beyond the end: no bytes
                raise
            return
        self._end = self._promised(self._response, length)
        self._read()

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        while self._response is not None:
            piece, trouble = self._piece()
            self._at += len(piece)
            if self._at == self._end:
                self._let_go()
            if piece:
                return piece
            if self._response is not None:
                self._again(trouble or RefusedError("an object came shorter than promised", 0, passing=True))
        raise StopIteration

    def close(self) -> None:
        """Abandon the rest; repeatable."""
        response, self._response = self._response, None
        if response is not None:
            response.close()
            response.release_conn()

    def __del__(self) -> None:
        if getattr(self, "_response", None) is not None:
            self.close()

    def _let_go(self) -> None:
        """All bytes arrived: the connection can be reused."""
        response, self._response = self._response, None
        if response is not None:
            response.release_conn()

    def _piece(self) -> tuple[bytes, Exception | None]:
        """The next bytes; or none, and the connection's error."""
        try:
            return next(self._coming, b""), None
        except HTTPError as error:
            return b"", refusal(error)

    def _again(self, trouble: Exception) -> None:
        """Resume from here after a pause; raises `trouble` after the last try."""
        self.close()
        pause = next(self._pauses, None)
        if pause is None:
            raise trouble
        time.sleep(pause)
        left = self._end - self._at
        self._response = self._ask(left)
        if self._promised(self._response, left) != self._end:
            self.close()
            raise IntegrityError("an object became shorter while it was read")
        self._read()

    def _read(self) -> None:
        assert self._response is not None
        self._coming = self._response.stream(PIECE, decode_content=False)
        if self._at == self._end:
            self._let_go()

    def _ask(self, length: int | None) -> BaseHTTPResponse:
        last = "" if length is None else str(self._at + length - 1)
        headers = {"Range": f"bytes={self._at}-{last}"} if self._at or last else {}
        return self._connection.attempt(lambda: self._connection.open("GET", self._name, headers=headers))

    def _promised(self, response: BaseHTTPResponse, length: int | None) -> int:
        """Check the promised range against the requested one; return where it ends."""
        size = response.headers.get("Content-Length", "")
        if not _SIZE.fullmatch(size) or "Content-Encoding" in response.headers:
            self.close()
            raise RefusedError("an object comes without its size", response.status, passing=False)
        end = self._at + int(size)
        if response.status == _PARTIAL or "Content-Range" in response.headers:  # rclone sends it with status 200
            said = _CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", ""))
            right = said is not None and int(said[1]) == self._at and int(said[2]) + 1 == end
        else:
            right = self._at == 0
        if not right or (length is not None and int(size) > length):
            self.close()
            raise IntegrityError("the object store gives another stretch of an object than it was asked for")
        return end
