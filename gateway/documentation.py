"""OpenAPI 3.1: every route with its bodies, security and every code it can fail with."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema
from starlette.responses import Response

from gateway.http.failures import CATALOGUE, MEDIA_TYPE

REF = "#/components/schemas/{model}"
EVERYWHERE = ("bad_request", "failed", "unavailable", "busy")
SIGNED_IN = ("sign_in", "origin_wrong")
JSON_BODY = ("unsupported_type", "too_large", "timeout", "invalid", "record_invalid")
RECORDS = ("signature_invalid", "roster_invalid", "record_invalid", "conflict", "not_allowed", "setup_open")
LINK = ("link_unavailable", "passphrase_wrong", "too_many")
SESSION: list[dict[str, list[str]]] = [{"session": []}, {"cookie": []}]
LINK_PROOFS: list[dict[str, list[str]]] = [{"link": []}]

# What the routes look for in a path; anything else is not found, like a thing that is not there.
PATH_PATTERN = {"number": "^[0-9]{1,7}$"}
ID_PATTERN = "^[0-9a-f]{32}$"
ANY_TEXT = "/s/{share}"

_asked: dict[str, type[BaseModel]] = {}
_answered: dict[str, type[BaseModel]] = {}


def _reference(model: type[BaseModel], known: dict[str, type[BaseModel]]) -> dict[str, str]:
    known[model.__name__] = model
    return {"$ref": REF.format(model=model.__name__)}


def describe(
    answers: dict[int, type[BaseModel] | None],
    codes: Iterable[str],
    *,
    body: type[BaseModel] | None = None,
    security: list[dict[str, list[str]]] | None = None,
    content: dict[str, Any] | None = None,
    headers: dict[str, str] | None = None,
    answer_type: str = "application/json",
    required: bool = True,
) -> dict[str, Any]:
    """The documentation of a route, as keyword arguments for FastAPI's decorators.

    `content` replaces the JSON body for forms and raw bytes; one that is not `required` may be empty. `headers` are
    response headers of the successful answers.
    """
    said = {name: {"description": text, "schema": {"type": "string"}} for name, text in (headers or {}).items()}
    responses: dict[str, Any] = {}
    for status, model in answers.items():
        responses[str(status)] = {"description": _WORDS[status]}
        if said:
            responses[str(status)]["headers"] = said
        if model is not None:
            responses[str(status)]["content"] = {answer_type: {"schema": _reference(model, _answered)}}
        elif status != 204:  # noqa: PLR2004 - no content
            responses[str(status)]["content"] = {answer_type: {"schema": {"type": "string"}}}
    for refused, failure in _failures({*codes, *EVERYWHERE}).items():
        answer = responses.setdefault(refused, failure)
        answer["content"] = {**answer["content"], **failure["content"]}
    extra: dict[str, Any] = {"security": security or []}
    if body is not None:
        content = {"application/json": {"schema": _reference(body, _asked)}}
    if content is not None:
        extra["requestBody"] = {"required": required, "content": content}
    return {
        "responses": responses,
        "openapi_extra": extra,
        "response_model": None,
        "response_class": Response,
        "status_code": min(answers),
    }


_WORDS = {
    200: "Done, or done before",
    201: "Made",
    204: "Done",
    206: "A part",
    503: "Not ready",
}


def _failures(codes: Iterable[str]) -> dict[str, Any]:
    by_status: dict[int, list[str]] = {}
    for code in sorted(set(codes)):
        by_status.setdefault(CATALOGUE[code].status, []).append(code)
    return {str(status): _failure(status, names) for status, names in sorted(by_status.items())}


def _failure(status: int, codes: list[str]) -> dict[str, Any]:
    schema = {
        "allOf": [{"$ref": REF.format(model="Problem")}],
        "properties": {"code": {"enum": codes}, "status": {"const": status}},
    }
    words = "; ".join(f"`{code}`: {CATALOGUE[code].title}" for code in codes)
    return {"description": words, "content": {MEDIA_TYPE: {"schema": schema}}}


_TEXT = {"type": "string"}
PROBLEM = {
    "type": "object",
    "description": "RFC 9457. `code` is stable; `advice` says what to do now.",
    "required": ["type", "title", "status", "detail", "code", "advice"],
    "properties": {
        **dict.fromkeys(("title", "detail", "advice"), _TEXT),
        "type": {"type": "string", "format": "uri"},
        "status": {"type": "integer"},
        "code": {"type": "string", "enum": sorted(CATALOGUE)},
        "instance": {"type": "string", "format": "uri", "description": "the request's number in our logs"},
        "fields": {"type": "array", "items": {"type": "object"}, "description": "with `invalid`: where and why"},
        "index": {"type": "object", "description": "with `index_stale`: the newest index's envelope"},
        "missing": {"type": "array", "items": {"type": "integer"}, "description": "with `segments_missing`"},
    },
}


def _security_schemes(cookie: str) -> dict[str, Any]:
    return {
        "session": {"type": "http", "scheme": "Dossier-Session", "description": "Authorization: Dossier-Session TOKEN"},
        "cookie": {"type": "apiKey", "in": "cookie", "name": cookie, "description": "changes need our own Origin"},
        "link": {
            "type": "http",
            "scheme": "Dossier-Link",
            "description": 'Authorization: Dossier-Link possess="BASE64URL", open="BASE64URL"',
        },
    }


def schema_of(app: FastAPI, *, public_url: str, cookie: str) -> Callable[[], bytes]:
    """A function that gives the document's bytes, made once."""
    made: list[bytes] = []

    def document() -> bytes:
        if not made:
            made.append(json.dumps(_document(app, public_url, cookie), separators=(",", ":")).encode())
        return made[0]

    return document


def _document(app: FastAPI, public_url: str, cookie: str) -> dict[str, Any]:
    document = get_openapi(
        title=app.title,
        version=app.version,
        openapi_version="3.1.0",
        summary="A blind store for client dossiers",
        description=(
            "Everything is encrypted before it comes here. Bodies and formats: docs/FORMAT.md. "
            "A path that is not listed is answered by 404 `not_found`, below `/api/v1/pickup/` by `link_unavailable`; "
            "a method that is not listed by 405 `method_not_allowed` with `Allow`."
        ),
        routes=app.routes,
        servers=[{"url": public_url}],
    )
    _, asked = models_json_schema([(model, "validation") for model in _asked.values()], ref_template=REF)
    _, answered = models_json_schema([(model, "serialization") for model in _answered.values()], ref_template=REF)
    components = document.setdefault("components", {})
    components["schemas"] = {**answered.get("$defs", {}), **asked.get("$defs", {}), "Problem": PROBLEM}
    components["securitySchemes"] = _security_schemes(cookie)
    for path, operations in document["paths"].items():
        for operation in operations.values():
            operation["responses"] = {
                status: answer for status, answer in operation["responses"].items() if _ours(answer)
            }
            for parameter in operation.get("parameters", []) if path != ANY_TEXT else []:
                if parameter["in"] == "path":
                    pattern = PATH_PATTERN.get(parameter["name"], ID_PATTERN)
                    parameter["schema"] = {"type": "string", "pattern": pattern}
    return document


def _ours(answer: dict[str, Any]) -> bool:
    """FastAPI adds an answer of its own to every route; ours all have one of our descriptions."""
    return answer.get("description") not in {"Successful Response", "Validation Error"}
