"""A gateway's answers: bounded, strictly parsed, and refusals mapped to errors."""

from __future__ import annotations

import contextlib
import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from vault.records import read
from vault.records.encoding import RecordError
from vault.records.strict_json import parse_object
from vault.sdk.errors import AnswerError, ApiError, NotSignedInError, ServerUnreachableError
from vault.sdk.server.upload_body import PIECE

if TYPE_CHECKING:
    import urllib3

MAX_ANSWER = 64 * 1024 * 1024
MAX_PROBLEM = 4 * 1024 * 1024
TRY_AGAIN = "Nothing was lost. Check the connection and DOSSIER_URL, then try again."
_UNAVAILABLE = frozenset({502, 503, 504})


def read_answer(response: urllib3.BaseHTTPResponse, limit: int) -> bytes:
    """The whole answer, at most `limit` bytes; the connection is returned to the pool or dropped."""
    from urllib3.exceptions import HTTPError  # noqa: PLC0415 - loaded with the first server

    content = bytearray()
    try:
        for piece in response.stream(PIECE, decode_content=False):
            content += piece
            if len(content) > limit:
                response.close()
                raise AnswerError("the server's answer is larger than any honest one")
    except (HTTPError, OSError) as error:
        raise ServerUnreachableError("the connection was cut", advice=TRY_AGAIN) from error
    finally:
        response.release_conn()
    return bytes(content)


def json_answer(response: urllib3.BaseHTTPResponse) -> dict[str, Any]:
    """The JSON object of an answer, empty for an empty one; raises AnswerError."""
    content = read_answer(response, MAX_ANSWER)
    if not content:
        return {}
    try:
        return parse_object(content, limit=MAX_ANSWER)
    except RecordError as error:
        raise AnswerError(f"the server's answer cannot be read: {error}") from error


def problem(response: urllib3.BaseHTTPResponse) -> Exception:
    """The error for a refusal, also for an answer without problem+json."""
    content = read_answer(response, MAX_PROBLEM)
    said: dict[str, Any] = {}
    if response.headers.get("Content-Type", "").partition(";")[0].strip().endswith("json"):
        with contextlib.suppress(RecordError):
            said = parse_object(content, limit=MAX_PROBLEM)
    code, advice = _text(said, "code"), _text(said, "advice")
    message = _text(said, "detail") or _text(said, "title") or f"the server answered {response.status}"
    wait = response.headers.get("Retry-After", "")
    retry_after = int(wait) if re.fullmatch(r"[0-9]{1,6}", wait) else None
    if response.status in _UNAVAILABLE:
        return ServerUnreachableError(message, advice=advice, reason=code or None, retry_after=retry_after)
    if response.status == HTTPStatus.UNAUTHORIZED:
        return NotSignedInError(message, advice=advice or "Sign in with: dossier login --email …")
    return ApiError(
        message,
        status=response.status,
        code=code or f"http_{response.status}",
        advice=advice,
        extra={k: v for k, v in said.items() if k not in {"type", "title", "status", "detail", "code", "advice"}},
        retry_after=retry_after,
    )


def mapping(value: dict[str, Any], name: str) -> dict[str, Any]:
    """A JSON object out of a server's answer; raises AnswerError."""
    try:
        return read.mapping(value, name)
    except RecordError as error:
        raise AnswerError(f"the server's answer lacks {name!r}") from error


def _text(problem: dict[str, Any], name: str) -> str:
    value = problem.get(name)
    return "".join(c for c in value[:1000] if c.isprintable()) if isinstance(value, str) else ""
