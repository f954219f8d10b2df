"""`/openapi.json` (OpenAPI 3.1), derived by FastAPI from signatures, and here from the declarations (`declared`)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from threading import Lock
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from gateway import openapi_problems
from gateway.declared_codes import Declared, answered_frozen, declared_by
from gateway.openapi_problems import REF
from gateway.wire.fields import COMPONENT, ENVELOPE

DESCRIPTION = """Everything is encrypted before it comes here. Bodies and formats: docs/FORMAT.md.
A path that is not listed is answered by 404 `not_found`, below `/api/v1/pickup/` by `link_unavailable`;
a method that is not listed by 405 `method_not_allowed` with `Allow`.
HEAD is answered wherever GET is, but for bodies. The files of the pages are not listed: `/manifest.json` has them."""
EVERYWHERE = Declared(("bad_request", "failed", "unavailable", "busy"))
QUERY = Declared(("invalid",))
WORDS = {"200": "Done, or done before", "201": "Made", "204": "Done", "206": "A part", "503": "Not ready"}


def operation_id(route: APIRoute) -> str:
    """The handler's name in camel case, for generated clients: `list_shares` is `listShares`."""
    first, *others = route.name.split("_")
    return first + "".join(word.capitalize() for word in others)


def document_of(app: FastAPI, routers: Iterable[APIRouter], *, public_url: str, cookie: str) -> Callable[[], bytes]:
    """A function that returns the document's bytes, built once."""
    made: list[bytes] = []
    building = Lock()

    def document() -> bytes:
        with building:
            if not made:
                routes = [route for router in routers for route in router.routes if isinstance(route, APIRoute)]
                made.append(json.dumps(_document(app, routes, public_url, cookie), separators=(",", ":")).encode())
        return made[0]

    return document


def _document(app: FastAPI, routes: list[APIRoute], public_url: str, cookie: str) -> dict[str, Any]:
    document = get_openapi(
        title=app.title,
        version=app.version,
        openapi_version="3.1.0",
        summary="A blind store for client dossiers",
        description=DESCRIPTION,
        routes=app.routes,
        servers=[{"url": public_url}],
    )
    declared = {operation_id(route): (*_declarations(route.dependant), *_while_open(route)) for route in routes}
    for item in document["paths"].values():
        for operation in item.values():
            _complete(operation, (EVERYWHERE, *declared[operation["operationId"]]))
    bodies = [found.body for several in declared.values() for found in several if found.body is not None]
    document["components"] = {
        "schemas": {
            **document.get("components", {}).get("schemas", {}),
            **_schemas(bodies),
            **openapi_problems.schemas(),
            "Envelope": ENVELOPE,
        },
        "securitySchemes": _security_schemes(cookie),
    }
    for fastapis in ("HTTPValidationError", "ValidationError"):
        document["components"]["schemas"].pop(fastapis, None)
    whole: dict[str, Any] = _referring(document)
    return whole


def _referring(value: Any) -> Any:
    """The same node, with a reference wherever it names a component."""
    if isinstance(value, list):
        return [_referring(member) for member in value]
    if not isinstance(value, dict):
        return value
    members = {key: _referring(member) for key, member in value.items() if key != COMPONENT}
    return {"$ref": REF + value[COMPONENT], **members} if COMPONENT in value else members


def _while_open(route: APIRoute) -> Iterator[Declared]:
    """What a route says that is shut while the stores do not belong together."""
    if not all(answered_frozen(method, route.endpoint) for method in route.methods or ()):
        yield Declared(("restored", "unavailable"))


def _declarations(dependant: Dependant) -> Iterator[Declared]:
    """The declarations of a handler and of all its dependencies."""
    yield declared_by(dependant.call)
    if dependant.query_params:
        yield QUERY
    for field in dependant.path_params:
        yield from map(declared_by, field.field_info.metadata)
    for dependency in dependant.dependencies:
        yield from _declarations(dependency)


def _complete(operation: dict[str, Any], declared: tuple[Declared, ...]) -> None:
    """Add the declarations to FastAPI's operation; the docstring's first line is the summary."""
    summary, _, description = operation["description"].partition("\n")
    operation["summary"], operation["description"] = summary.removesuffix("."), description.strip()
    operation["security"] = [
        {name: []} for name in dict.fromkeys(name for found in declared for name in found.security)
    ]
    for found in declared:
        if found.body is not None:
            content = {"application/json": {"schema": {"$ref": REF + found.body.__name__}}}
            operation["requestBody"] = {"required": found.required, "content": content}
    operation["responses"] = _responses(operation["responses"], declared)


def _responses(responses: dict[str, Any], declared: tuple[Declared, ...]) -> dict[str, Any]:
    ours = {status: {**answer, "description": WORDS[status]} for status, answer in responses.items() if status in WORDS}
    if any(found.repeatable for found in declared):
        ours["200"] = {**ours["201"], "description": WORDS["200"]}
    for status, failure in openapi_problems.responses({code for found in declared for code in found.codes}).items():
        answer = ours.setdefault(status, failure)
        answer["content"] = {**answer["content"], **failure["content"]}
    return dict(sorted(ours.items()))


def _schemas(models: Iterable[type[BaseModel]]) -> dict[str, Any]:
    _, found = models_json_schema([(model, "validation") for model in models], ref_template=REF + "{model}")
    schemas: dict[str, Any] = found.get("$defs", {})
    return schemas


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
