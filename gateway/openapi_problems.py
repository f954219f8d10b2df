"""Failures in `/openapi.json`: one schema for each code, so that a client can discriminate by `code`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from gateway.http.failures import CATALOGUE, MEDIA_TYPE

REF = "#/components/schemas/"
_TEXT = {"type": "string"}
_FIELD = {
    "type": "object",
    "required": ["field", "reason"],
    "properties": {"field": _TEXT, "reason": _TEXT},
}
PROBLEM = {
    "type": "object",
    "description": "RFC 9457. `code` is stable; `advice` says what to do now.",
    "required": ["type", "title", "status", "detail", "code", "advice"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": _TEXT,
        "status": {"type": "integer"},
        "detail": _TEXT,
        "code": {"$ref": f"{REF}ProblemCode"},
        "advice": _TEXT,
        "instance": {"type": "string", "format": "uri", "description": "the request's number in our logs"},
    },
}
# The extra members of these codes' problems.
MEMBERS: dict[str, dict[str, Any]] = {
    "invalid": {"fields": {"type": "array", "items": _FIELD, "description": "where and why"}},
    "index_stale": {"index": {"$ref": f"{REF}Envelope", "description": "the newest index"}},
    "segments_missing": {"missing": {"type": "array", "items": {"type": "integer"}}},
}
SOMETIMES = ("invalid",)  # without `fields` for a refused form


def name_of(code: str) -> str:
    """The name of a code's schema: `not_found` is `NotFoundProblem`."""
    return "".join(word.capitalize() for word in code.split("_")) + "Problem"


def schemas() -> dict[str, Any]:
    """Problem, the list of its codes, and a schema for each."""
    codes = {"type": "string", "enum": sorted(CATALOGUE)}
    return {"Problem": PROBLEM, "ProblemCode": codes} | {name_of(code): _schema(code) for code in CATALOGUE}


def _schema(code: str) -> dict[str, Any]:
    failure, members = CATALOGUE[code], MEMBERS.get(code, {})
    own = {
        "type": "object",
        "required": ["code", "status", *(members if code not in SOMETIMES else ())],
        "properties": {"code": {"const": code}, "status": {"const": failure.status}, **members},
    }
    return {"description": f"{failure.title}. {failure.advice}", "allOf": [{"$ref": f"{REF}Problem"}, own]}


def responses(codes: Iterable[str]) -> dict[str, Any]:
    """The responses by status, each with its possible codes."""
    by_status: dict[str, list[str]] = {}
    for code in sorted(set(codes)):
        by_status.setdefault(str(CATALOGUE[code].status), []).append(code)
    return {status: _response(names) for status, names in by_status.items()}


def _response(codes: list[str]) -> dict[str, Any]:
    references = [{"$ref": REF + name_of(code)} for code in codes]
    schema = references[0] if len(codes) == 1 else {"oneOf": references}
    words = "; ".join(f"`{code}`: {CATALOGUE[code].title}" for code in codes)
    return {"description": words, "content": {MEDIA_TYPE: {"schema": schema}}}
