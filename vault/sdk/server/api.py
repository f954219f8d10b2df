"""The gateway's HTTP client: no redirects, no proxies from the environment, a limit on every answer.

The server is not trusted: `answers.py` bounds and parses what it says, and the caller verifies the content.
"""

from __future__ import annotations

import contextlib
import re
import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from vault.records.encoding import RecordError
from vault.records.strict_json import dump, parse_object
from vault.sdk.errors import AnswerError, ServerUnreachableError
from vault.sdk.server.address import check_address
from vault.sdk.server.answers import MAX_PROBLEM, TRY_AGAIN, json_answer, problem, read_answer
from vault.sdk.server.upload_body import PIECE, Body, Octets, Part, Source, multipart

if TYPE_CHECKING:  # loaded with the first server: a third of the time of a command that needs none, such as `--help`
    import urllib3
    from urllib3.util import Url

PREFIX = "/api/v1"
PAGE = 200
PARALLEL = 8
CONNECT_SECONDS, READ_SECONDS = 10, 120
_RANGE = re.compile(r"bytes (\d{1,19})-(\d{1,19})/(\d{1,19})\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class Served:
    """An answer as it is: status, headers (by name in any case) and content."""

    status: int
    headers: Mapping[str, str]
    content: bytes


@dataclass(frozen=True, slots=True)
class Probe:
    """A server's report about itself: the status, the JSON, and the header `Date`."""

    status: int
    said: dict[str, Any]
    date: str


class Download:
    """A body, or a part of it; `start` is the actual first byte, `stop` where it ends, `total` the whole size.

    The end of the `with` returns the connection to the pool.
    """

    def __init__(self, response: urllib3.BaseHTTPResponse, *, start: int, stop: int | None, total: int | None) -> None:
        self._response = response
        self.status = response.status
        self.headers: Mapping[str, str] = response.headers
        self.start = start
        self.stop = stop
        self.total = total

    def read(self, size: int) -> bytes:
        """The next `size` bytes, fewer only before the end or a cut; raises ServerUnreachableError at a cut."""
        from urllib3.exceptions import HTTPError  # noqa: PLC0415 - loaded with the first server

        try:
            return self._response.read(size, decode_content=False)
        except (HTTPError, OSError, ValueError) as error:  # ValueError: closed by another thread
            raise ServerUnreachableError("the connection was cut", advice=TRY_AGAIN) from error

    def cut(self) -> None:
        """End a read that another thread waits in."""
        with contextlib.suppress(OSError, RuntimeError, ValueError):  # it ended by itself meanwhile
            self._response.shutdown()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Return the connection to the pool, or drop it when the body was not read to its end."""
        self._response.close()
        self._response.release_conn()


class Api:
    """One gateway; thread-safe. Paths are relative to `/api/v1`."""

    def __init__(self, url: str, token: str | None = None) -> None:
        """Take the gateway's URL; raises ConfigurationError for an invalid or insecure one."""
        address = check_address(url)
        self.url = url.rstrip("/")
        self._token = token
        self._base = (address.path or "").rstrip("/") + PREFIX
        self._pool = _pool(address)

    def __repr__(self) -> str:
        return f"Api({self.url!r})"

    @property
    def token(self) -> str | None:
        """The session's token. Secret."""
        return self._token

    def signed_in(self, token: str | None) -> Api:
        """The same gateway with another session, or none; connections are shared."""
        other = object.__new__(Api)
        other.url, other._token, other._base, other._pool = self.url, token, self._base, self._pool
        return other

    def get(self, path: str, *, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
        """The answer to a GET; raises ApiError, NotSignedInError, ServerUnreachableError, AnswerError."""
        return self._exchange("GET", path, None, headers)

    def post(
        self, path: str, *, json: dict[str, Any] | None = None, headers: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        """The answer to a POST of a JSON object; raises as `get`."""
        return self._exchange("POST", path, {} if json is None else json, headers)

    def put(
        self, path: str, *, json: dict[str, Any] | None = None, headers: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        """The answer to a PUT of a JSON object; raises as `get`."""
        return self._exchange("PUT", path, {} if json is None else json, headers)

    def delete(self, path: str, *, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
        """The answer to a DELETE; raises as `get`."""
        return self._exchange("DELETE", path, None, headers)

    def probe(self, path: str) -> Probe:
        """The gateway's report at a path outside `/api/v1`, whatever the status.

        Raises ServerUnreachableError, AnswerError.
        """
        served = self.served(path)
        try:
            said = parse_object(served.content, limit=MAX_PROBLEM)
        except RecordError as error:
            raise AnswerError(f"the server's answer cannot be read: {error}") from error
        return Probe(served.status, said, served.headers.get("Date", ""))

    def served(self, path: str) -> Served:
        """What anybody is given at a path outside `/api/v1`, whatever the status; raises ServerUnreachableError."""
        from urllib3 import Timeout  # noqa: PLC0415 - as above
        from urllib3.exceptions import HTTPError  # noqa: PLC0415

        base, limit = self._base.removesuffix(PREFIX), Timeout(connect=5, read=10)
        try:
            response = self._pool.urlopen(
                "GET",
                base + path,
                headers={"Accept": "*/*", "User-Agent": "dossier"},
                retries=False,
                redirect=False,
                preload_content=False,
                decode_content=False,
                timeout=limit,
            )
        except (HTTPError, OSError) as error:
            raise ServerUnreachableError("the server cannot be reached", advice=TRY_AGAIN) from error
        return Served(response.status, response.headers, read_answer(response, MAX_PROBLEM))

    def pages(
        self, path: str, *, after: str | None = None, limit: int = PAGE, first: dict[str, Any] | None = None
    ) -> Iterator[dict[str, Any]]:
        """Every item of a list, page after page; raises as `get`, and AnswerError for an endless list.

        `first` is its first page, where another answer brought it.
        """
        seen: set[str] = set()
        while True:
            query = f"limit={limit}" if after is None else f"after={after}&limit={limit}"
            answer, first = self.get(f"{path}?{query}") if first is None else first, None
            items, following = answer.get("items"), answer.get("next")
            if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
                raise AnswerError("the server's list is none")
            yield from items
            if following is None:
                return
            after = str(following)
            if after in seen or not items or not re.fullmatch(r"[A-Za-z0-9_.:-]{1,200}", after):
                raise AnswerError("the server's list does not end")
            seen.add(after)

    def upload(
        self, method: str, path: str, body: Body, length: int, headers: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        """The answer to `length` raw bytes; an error while reading `body` passes unchanged."""
        source = Source(body)
        sent = {"Content-Type": "application/octet-stream", **(headers or {}), "Content-Length": str(length)}
        try:
            return json_answer(self._send(method, path, source, sent))
        except ServerUnreachableError:
            if source.error is not None:
                raise source.error from None
            raise

    def multipart(self, path: str, parts: Iterable[Part | tuple[str, bytes]]) -> dict[str, Any]:
        """The answer to a POST of `multipart/form-data` with these parts, in this order."""
        boundary = secrets.token_hex(16)
        pieces = list(multipart(boundary, [p if isinstance(p, Part) else Part(*p) for p in parts]))
        sent = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
        return self.upload("POST", path, pieces, sum(len(piece) for piece in pieces), sent)

    def download(
        self, path: str, start: int = 0, stop: int | None = None, headers: Mapping[str, str] | None = None
    ) -> Download:
        """A body from byte `start` on, before byte `stop`; raises as `get`.

        Check `.start` and `.stop`: a server may send the whole body, or less than was asked for.
        """
        sent = dict(headers or {})
        if start or stop is not None:
            sent["Range"] = f"bytes={start}-{'' if stop is None else stop - 1}"
        response = self._send("GET", path, None, sent)
        if response.status == HTTPStatus.OK:
            length = response.headers.get("Content-Length", "")
            total = int(length) if re.fullmatch(r"[0-9]{1,19}", length) else None
            return Download(response, start=0, stop=total, total=total)
        match = _RANGE.match(response.headers.get("Content-Range", ""))
        if response.status != HTTPStatus.PARTIAL_CONTENT or match is None or not _within(match, start, stop):
            response.close()
            raise AnswerError("the server sent another part than was asked for")
        return Download(response, start=start, stop=int(match[2]) + 1, total=int(match[3]))

    def _exchange(
        self, method: str, path: str, json: dict[str, Any] | None, headers: Mapping[str, str] | None
    ) -> dict[str, Any]:
        body = None if json is None else dump(json)
        kind = {} if body is None else {"Content-Type": "application/json"}
        return json_answer(self._send(method, path, body, {**kind, **(headers or {})}))

    def _send(
        self, method: str, path: str, body: bytes | Iterable[Octets] | None, headers: Mapping[str, str]
    ) -> urllib3.BaseHTTPResponse:
        from urllib3.exceptions import HTTPError  # noqa: PLC0415 - as above

        sent = {"Accept": "application/json", "User-Agent": "dossier", **headers}
        if self._token is not None:
            sent["Authorization"] = f"Dossier-Session {self._token}"
        sent |= {name: value for name, value in headers.items() if name.lower() == "authorization"}
        try:
            response = self._pool.urlopen(
                method,
                self._base + path,
                body=body,  # type: ignore[arg-type]  # a socket sends views as well
                headers=sent,
                retries=False,
                redirect=False,
                preload_content=False,
                decode_content=False,
            )
        except (HTTPError, OSError) as error:
            raise ServerUnreachableError("the server cannot be reached", advice=TRY_AGAIN) from error
        if HTTPStatus.OK <= response.status < HTTPStatus.MULTIPLE_CHOICES:
            return response
        raise problem(response)


def _within(range_: re.Match[str], start: int, stop: int | None) -> bool:
    """Whether a Content-Range begins where it should, and ends within what was asked for and what there is."""
    first, last, total = (int(number) for number in range_.groups())
    return first == start <= last < (total if stop is None else min(stop, total))


def _pool(address: Url) -> urllib3.HTTPConnectionPool:
    import urllib3  # noqa: PLC0415 - as above

    kind = urllib3.HTTPSConnectionPool if address.scheme == "https" else urllib3.HTTPConnectionPool
    assert address.host is not None
    timeout = urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS)
    return kind(address.host, address.port, maxsize=PARALLEL, block=False, timeout=timeout, blocksize=PIECE)
