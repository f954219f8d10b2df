"""Failures as problem+json (RFC 9457) with a stable `code` and an `advice`.

One catalogue holds every code, its status and its texts. Texts never quote the request.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from gateway.http.request_head import answers_head
from vault.errors import IntegrityError, InvalidInputError, UnavailableError, VaultError
from vault.flows.answers import Missing, Stale, Throttled
from vault.rules.verdict import Refused

T = TypeVar("T")
MEDIA_TYPE = "application/problem+json"
LINK_PREFIX = "/api/v1/pickup/"
SHOWN_ERRORS, LISTED_ERRORS = 20, 200


@dataclass(frozen=True, slots=True)
class Failure:
    """One way a request can end: its code, HTTP status, what happened, what to do now."""

    code: str
    status: int
    title: str
    advice: str


_AGAIN = "Nothing was changed. Try again in a moment."
_INPUT = "Nothing was changed. Check what was sent; a newer version of the client may be needed."
CATALOGUE: Mapping[str, Failure] = {
    failure.code: failure
    for failure in (
        Failure("bad_request", 400, "The request cannot be understood", _INPUT),
        Failure("sign_in", 401, "You are not signed in, or no longer", "Sign in and try again."),
        Failure("credentials_wrong", 403, "The e-mail address or the password is wrong", "Check both and try again."),
        Failure("code_wrong", 403, "The one-time code is wrong", "Check the clock of the device that makes the code."),
        Failure("code_spent", 403, "This one-time code was used before", "Wait for the next code."),
        Failure(
            "confirm_wrong",
            403,
            "The code is not one of the new key",
            "Nothing was changed. Put the new key into the app, and type the code that the app shows for it.",
        ),
        Failure("token_wrong", 403, "The set-up token is wrong", "Read it from the file the server named at start."),
        Failure("passphrase_wrong", 403, "The passphrase is wrong", "Check it; capitals do not matter."),
        Failure("consent_required", 403, "There is no live consent for this", "Ask the client for consent first."),
        Failure("not_allowed", 403, "You may not do this", "Ask a director of the practice."),
        Failure("origin_wrong", 403, "The request came from another site", "Use the practice's own page."),
        Failure(
            "signature_invalid", 403, "A signature does not hold", "Nothing was changed. Fetch anew and sign again."
        ),
        Failure(
            "seen_more",
            409,
            "Whoever signed this has seen more than this vault holds",
            "Nothing was changed. The vault was put back, or shows each another past: tell a director.",
        ),
        Failure("roster_invalid", 403, "A roster does not follow the one known here", "Fetch the newest roster first."),
        Failure("not_found", 404, "There is no such thing here, or not for you", "Check the name or number."),
        Failure(
            "link_unavailable",
            404,
            "This link is not available",
            "It may have expired, been used up, withdrawn or copied incompletely. Ask the sender for a new one.",
        ),
        Failure("method_not_allowed", 405, "This cannot be done here", _INPUT),
        Failure("timeout", 408, "The request took too long to arrive", "Nothing was kept. Try again."),
        Failure("setup_done", 409, "This vault was set up before", "Sign in instead."),
        Failure("setup_open", 409, "No practice was set up here yet", "Run `dossier init` first."),
        Failure("conflict", 409, "Something else stands here already", "Nothing was changed. Fetch what is there."),
        Failure(
            "changed_often",
            409,
            "Password and second factor were changed too often this week",
            "Nothing was changed. Wait until the first change is a week old, or ask a director.",
        ),
        Failure("state", 409, "This is not possible in the present state", "Fetch the present state first."),
        Failure("index_stale", 409, "Somebody was first", "Sign an index that follows the one enclosed."),
        Failure("record_unknown", 409, "An index lists a record that is not here", "Send the record first."),
        Failure("record_left_out", 409, "An index leaves out a record that still counts", "Fetch the records anew."),
        Failure("root_differs", 409, "An index states another root than its records give", "Fetch the index anew."),
        Failure("head_differs", 409, "An index stands under another head than the newest", "Fetch the dossier anew."),
        Failure("epoch_stale", 409, "The dossier has other keys now", "Fetch it anew, and send that part under them."),
        Failure(
            "epoch_incomplete",
            409,
            "New keys of a dossier do not reach all that is in it",
            "Nothing was changed. Fetch what came meanwhile, and send it all.",
        ),
        Failure("segments_missing", 409, "The body is not whole", "Send the segments that are missing."),
        Failure("length_required", 411, "The request does not say how long it is", _INPUT),
        Failure("too_large", 413, "The request is larger than allowed here", "Nothing was kept. Send less at a time."),
        Failure("unsupported_type", 415, "The request has the wrong media type", _INPUT),
        Failure("range_unsatisfiable", 416, "The range lies beyond the end", "Ask for a range within the size."),
        Failure("invalid", 422, "The request cannot be used as it is", _INPUT),
        Failure("record_invalid", 422, "A record breaks the format", _INPUT),
        Failure("digest_mismatch", 422, "What arrived is not what was announced", "Nothing was kept. Send it again."),
        Failure("clock_wrong", 422, "The clock of this device is wrong", "Set the device's clock right and try again."),
        Failure("limit", 422, "This is beyond a limit of the practice", "Ask for less, or have the policy changed."),
        Failure("too_many", 429, "Too many failed attempts", "Wait as long as the answer says, then try again."),
        Failure(
            "failed", 500, "Something went wrong here", "Try again; if it stays, tell the practice the number below."
        ),
        Failure("integrity", 500, "Something that was kept is damaged", "Tell the practice; nothing was released."),
        Failure(
            "software_old",
            501,
            "The server's software is too old for this",
            "Nothing was changed. Have the software of the server updated.",
        ),
        Failure("unavailable", 503, "Not available just now", _AGAIN),
        Failure("busy", 503, "Too much at once", _AGAIN),
        Failure(
            "restored",
            503,
            "The stores of this vault do not belong together",
            "Nothing was changed, released or destroyed. Reading goes on; tell whoever runs the vault.",
        ),
    )
}
_BY_CODE_OF_FAULT = {"gone": "not_found"}
_BY_STATUS = {404: "not_found", 405: "method_not_allowed", 413: "too_large", 415: "unsupported_type"}


class Problem(Exception):  # noqa: N818 - RFC 9457's noun
    """Ends a request with one of the catalogue's failures."""

    def __init__(
        self, code: str, detail: str = "", *, headers: Mapping[str, str] | None = None, **members: Any
    ) -> None:
        super().__init__(code)
        self.failure = CATALOGUE[code]
        self.detail = detail
        self.advice = ""
        self.headers = dict(headers or {})
        self.members = members

    def response(self) -> Response:
        """The answer; equal problems give equal bytes."""
        failure = self.failure
        content = {
            "type": f"urn:dossier:problem:{failure.code}",
            "title": failure.title,
            "status": failure.status,
            "detail": self.detail or failure.title + ".",
            "code": failure.code,
            "advice": self.advice or failure.advice,
            **self.members,
        }
        raw = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
        return Response(raw, failure.status, headers=self.headers, media_type=MEDIA_TYPE)


def unwrap(answer: T | Refused | Throttled | Stale | Missing) -> T:
    """The result of a flow; raises a refusal as its Problem."""
    match answer:
        case Refused(reason):
            raise refusal(reason)
        case Throttled(seconds):
            raise Problem("too_many", headers={"Retry-After": str(seconds)})
        case Stale(index):
            raise Problem("index_stale", index=index.to_json())
        case Missing(numbers):
            raise Problem("segments_missing", missing=list(numbers))
        case _:
            return answer


def refusal(reason: str) -> Problem:
    """The problem of a refusal."""
    if reason == "sign_in":
        return Problem(reason, headers={"WWW-Authenticate": "Dossier-Session"})
    if reason == "restored":
        return Problem(reason, headers={"Retry-After": "3600"})
    return Problem(reason if reason in CATALOGUE else "not_allowed")


def fault(error: VaultError) -> Problem:
    """The problem for a fault raised by a flow. It reveals nothing of the server's side (disks, engines, keys)."""
    code = _BY_CODE_OF_FAULT.get(error.code, error.code)
    if isinstance(error, UnavailableError):
        problem = Problem("unavailable", headers={"Retry-After": "5"})
        problem.advice = error.advice
        return problem
    if code not in CATALOGUE:
        code = "invalid" if isinstance(error, InvalidInputError) else _of_fault(error)
    if CATALOGUE[code].status >= 500 or code == "not_found":  # noqa: PLR2004 - server errors
        return Problem(code)
    problem = Problem(code, _sentence(str(error)))
    problem.advice = error.advice
    return problem


def _of_fault(error: VaultError) -> str:
    """What is kept and does not open, whatever found that out, is damaged; all else went wrong."""
    return "integrity" if isinstance(error, IntegrityError) else "failed"


def link_unavailable() -> Problem:
    """The problem for every refusal of a link."""
    return Problem("link_unavailable")


def register(app: FastAPI) -> None:
    """Register handlers that answer every refusal and fault as problem+json."""

    async def on_problem(_: Request, error: Exception) -> Response:
        assert isinstance(error, Problem)
        return error.response()

    async def on_fault(request: Request, error: Exception) -> Response:
        assert isinstance(error, VaultError)
        problem = fault(error)
        if problem.failure.code == "not_found" and request.url.path.startswith(LINK_PREFIX):
            problem = link_unavailable()
        return problem.response()

    async def on_validation(_: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return invalid(error.errors()).response()

    async def on_http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        if error.status_code == 404 and request.url.path.startswith(LINK_PREFIX):  # noqa: PLR2004 - not found
            return link_unavailable().response()
        headers = dict(error.headers or {})
        if headers.get("Allow") == "GET" and answers_head(request.url.path):
            headers["Allow"] = "GET, HEAD"
        return Problem(_BY_STATUS.get(error.status_code, "bad_request"), headers=headers).response()

    app.add_exception_handler(Problem, on_problem)
    app.add_exception_handler(VaultError, on_fault)
    app.add_exception_handler(RequestValidationError, on_validation)
    app.add_exception_handler(HTTPException, on_http)


def invalid(errors: Sequence[Any]) -> Problem:
    """A validation failure: the fields and the reasons, never their content."""
    fields = [
        {"field": "/".join(str(step) for step in error["loc"])[:200], "reason": error["type"]}
        for error in errors[:SHOWN_ERRORS]
    ]
    return Problem("invalid", fields=fields)


def invalid_body(error: ValidationError) -> Problem:
    """As `invalid`, but a body with very many errors gets no list: building it costs far more than finding them."""
    if error.error_count() > LISTED_ERRORS:
        return too_many_errors()
    return invalid(error.errors(include_url=False, include_context=False, include_input=False))


def too_many_errors() -> Problem:
    """Of a body with so many errors that none is worth showing."""
    return invalid([{"loc": (), "type": "too_many_errors"}])


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + "." if text else ""
