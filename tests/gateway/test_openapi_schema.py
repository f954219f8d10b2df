"""Schemathesis against our own OpenAPI: whatever comes in, only what is documented comes out, and never a 5xx.

Deterministic and bounded; DOSSIER_FUZZ_EXAMPLES (requests an operation, in each of both kinds of data) looks longer.
"""

from __future__ import annotations

import json
import os

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case, GenerationMode, Response
from schemathesis.checks import CHECKS
from schemathesis.schemas import APIOperation
from starlette.types import Message, Receive, Scope, Send

from gateway.http.direct_body import EXTENSION, DirectBody
from gateway.http.failures import CATALOGUE, MEDIA_TYPE
from gateway.http.security_headers import ALWAYS
from tests.gateway.house import Switch
from tests.gateway.openapi_world import World

EXAMPLES = int(os.environ.get("DOSSIER_FUZZ_EXAMPLES", "6"))


class Lent:
    """The whole body, which has come before the application is asked."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self.received = 0

    def lend(self, size: int) -> DirectBody:
        self.received = len(self._content)
        return DirectBody(self._content, None, size)

    def take_back(self, body: DirectBody) -> None: ...
    def break_off(self) -> None: ...


class Lending(Switch):
    """Lends bodies, as our server does and the library that sends these requests does not."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        content, more = b"", scope["type"] == "http"
        while more:
            message = await receive()
            content, more = content + message.get("body", b""), message.get("more_body", False)
        begun = [{"type": "http.request", "body": content, "more_body": False}]

        async def again() -> Message:
            return begun.pop() if begun else await receive()

        lent = {EXTENSION: {"lender": Lent(content)}}
        await super().__call__({**scope, "extensions": lent}, again if scope["type"] == "http" else receive, send)


SWITCH = Lending()
SWITCH.app = World().app
SCHEMA = schemathesis.openapi.from_asgi("/openapi.json", SWITCH)
OPERATIONS = [found.ok() for found in SCHEMA.get_all_operations()]
# Valid by the schema is not valid yet: records are signed, ids exist or do not, numbers are spelled without a fraction.
TOO_MUCH = [CHECKS.get_one("positive_data_acceptance")]
# Who is let in is decided by tests of its own; this one would send every request three times.
ELSEWHERE = [CHECKS.get_one("ignored_auth"), CHECKS.get_one("object_level_authorization")]
THOROUGH = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
)
# Without a body, a query or an id there is nothing that could be against the schema.
BREAKABLE = [found for found in OPERATIONS if found.body or found.query or "pattern" in str(found.path_parameters)]


def check(case: Case, world: World) -> Response:
    """One request, held to the document and to what every answer has."""
    SWITCH.app = world.app
    answer = case.call()
    case.validate_response(answer, excluded_checks=[*TOO_MUCH, *ELSEWHERE])
    for name, value in ALWAYS.items():
        assert answer.headers[name.lower()] == [value]
    if answer.status_code >= 400 and case.method != "HEAD":
        check_problem(answer)
    return answer


def check_problem(answer: Response) -> None:
    """RFC 9457 with a code of the catalogue, whose status it has."""
    assert answer.headers["content-type"] == [MEDIA_TYPE]
    problem = json.loads(answer.content)
    assert CATALOGUE[problem["code"]].status == answer.status_code == problem["status"]
    assert problem["type"] == f"urn:dossier:problem:{problem['code']}"
    assert problem["detail"]
    assert problem["advice"]


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.label)
def test_valid_requests_get_documented_answers(operation: APIOperation) -> None:
    check_generated(operation, World(), GenerationMode.POSITIVE, THOROUGH)


@pytest.mark.parametrize("operation", BREAKABLE, ids=lambda operation: operation.label)
def test_requests_against_the_schema_are_refused_as_documented(operation: APIOperation) -> None:
    check_generated(operation, World(), GenerationMode.NEGATIVE, THOROUGH)


def check_generated(operation: APIOperation, world: World, mode: GenerationMode, how: settings) -> None:
    """Requests of one kind; ids that are meant to be wrong stay as they are."""

    @how
    @given(case=operation.as_strategy(generation_mode=mode))
    def every(case: Case) -> None:
        world.lead(case, paths=mode is GenerationMode.POSITIVE)
        check(case, world)

    every()
