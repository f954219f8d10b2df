"""The document is derived: what a handler depends on stands in it, and a client can be generated from it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fastapi import APIRouter, FastAPI
from jsonschema.exceptions import ValidationError
from openapi_schema_validator import OAS31Validator

from gateway import openapi_problems
from gateway.declared_codes import declares
from gateway.dependencies.answers import MADE, Made
from gateway.dependencies.bodies import Json
from gateway.dependencies.flows import MemberFlows, Proofs
from gateway.dependencies.paths import DossierId, LinkId
from gateway.dependencies.queries import Limit
from gateway.http.failures import CATALOGUE
from gateway.openapi import document_of, operation_id
from gateway.wire.people import Address, SetupDone
from tests.gateway.house import House


def operation(router: APIRouter) -> dict[str, Any]:
    """The one operation of an application with this one route."""
    app = FastAPI(generate_unique_id_function=operation_id)
    app.include_router(router)
    document = json.loads(document_of(app, [router], public_url="https://a.example", cookie="c")())
    [[found]] = [item.values() for item in document["paths"].values()]
    return {**found, "schemas": document["components"]["schemas"]}


def codes(operation: dict[str, Any]) -> set[str]:
    found = set()
    for answer in operation["responses"].values():
        schema = answer.get("content", {}).get("application/problem+json", {}).get("schema")
        for reference in [] if schema is None else schema.get("oneOf", [schema]):
            [code] = (c for c in CATALOGUE if openapi_problems.name_of(c) == reference["$ref"].rpartition("/")[2])
            found.add(code)
    return found - {"bad_request", "failed", "unavailable", "busy"}


def test_a_handlers_signature_documents_itself() -> None:
    router = APIRouter()

    @router.post("/dossiers/{dossier}/things", **MADE)
    @declares("state")
    async def add_thing(
        _flows: MemberFlows, dossier: DossierId, body: Json[Address], made: Made, limit: Limit = 5
    ) -> SetupDone:
        """Add a thing.

        Twice is once.
        """
        del dossier, body, limit
        return made(SetupDone(practice="a" * 32, member="b" * 32), repeated=False)

    found = operation(router)
    assert (found["operationId"], found["summary"], found["description"]) == (
        "addThing",
        "Add a thing",
        "Twice is once.",
    )
    assert found["security"] == [{"session": []}, {"cookie": []}]
    assert found["requestBody"]["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Address"}
    ours = {"state", "sign_in", "origin_wrong", "not_found", "invalid", "restored"}
    assert codes(found) == ours | {"unsupported_type", "too_large", "timeout", "record_invalid"}
    assert found["responses"]["200"]["content"] == found["responses"]["201"]["content"]
    assert {"Address", "SetupDone", "Problem", "Envelope"} <= set(found["schemas"])
    [path] = [parameter for parameter in found["parameters"] if parameter["in"] == "path"]
    assert (path["name"], path["schema"]["pattern"]) == ("dossier", "^[0-9a-f]{32}$")


def test_within_a_link_nothing_but_its_one_refusal_is_declared() -> None:
    router = APIRouter()

    @router.get("/pickup/{share}")
    async def look(_proofs: Proofs, share: LinkId) -> None:
        """Look.

        At nothing.
        """
        del share

    found = operation(router)
    assert found["security"] == [{"link": []}]
    assert codes(found) == {"link_unavailable", "passphrase_wrong", "too_many"}


def test_every_code_has_a_schema_that_only_its_problem_meets(house: House) -> None:
    components = house.contract.document["components"]
    problem = house.ask("GET", "//nowhere").json()
    for code, failure in CATALOGUE.items():
        schema = {**components["schemas"][openapi_problems.name_of(code)], "components": components}
        validator = OAS31Validator(schema)
        members = {"index_stale": {"index": {"record": "", "signatures": [{"alg": "a", "signer": "s", "sig": ""}]}}}
        extra = members.get(code, {}) | ({"missing": [1]} if code == "segments_missing" else {})
        validator.validate({**problem, "code": code, "status": failure.status, **extra})
        with pytest.raises(ValidationError):
            validator.validate({**problem, "code": "other", "status": failure.status, **extra})


def test_nothing_of_any_size_stands_without_a_name(house: House) -> None:
    """A generator gives each component a type; what is written out in a route gets none."""
    document = house.contract.document
    for path, item in document["paths"].items():
        for method, operation in item.items():
            contents = [operation.get("requestBody", {}), *operation["responses"].values()]
            for media, content in ((m, c) for one in contents for m, c in one.get("content", {}).items()):
                if media.endswith("json"):
                    schema = content["schema"]
                    named = [schema, *schema.get("oneOf", []), *schema.get("anyOf", [])]
                    assert any("$ref" in one for one in named), (path, method)


def test_operations_keep_their_names(house: House) -> None:
    names = {
        operation["operationId"] for item in house.contract.document["paths"].values() for operation in item.values()
    }
    assert names >= {
        "setUp",
        "signIn",
        "share",
        "getCover",
        "pickUp",
        "getPickedUpBody",
        "deposit",
        "putSegment",
        "addRecords",
    }
    assert len(names) == 75
