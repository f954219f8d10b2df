"""The same on PostgreSQL, which is stricter than memory about numbers, texts and times: still no 5xx.

`make test` sends what is valid by the schema here alone (conftest.py): what is refused at the door meets no engine.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace

import httpx
import pytest
from hypothesis import settings
from schemathesis import GenerationMode
from schemathesis.schemas import APIOperation

from tests.actors import memory_ports
from tests.contract.places import postgres_databases, postgres_keystore, postgres_store
from tests.gateway.house import House, Switch, build
from tests.gateway.openapi_world import World
from tests.gateway.test_openapi_schema import OPERATIONS, THOROUGH, check_generated
from tests.gateway.test_openapi_signed import REQUESTS, check_everything_is_read, check_signed
from vault.flows.context import Ports

EXAMPLES = int(os.environ.get("DOSSIER_FUZZ_EXAMPLES", "3"))


@pytest.fixture(scope="module")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Ports]]:
    """A maker of ports on databases of their own."""
    folder = tmp_path_factory.mktemp("postgres")
    with postgres_databases(folder, "records", "keystore"):
        yield lambda: replace(memory_ports(), store=postgres_store(folder), keystore=postgres_keystore(folder))


@pytest.fixture(scope="module")
def world(databases: Callable[[], Ports]) -> World:
    return World(databases())


@pytest.fixture
def house(served: tuple[Switch, int], world: World) -> Iterator[House]:
    """The practice that the world has, over HTTP."""
    built = build(*served, practice=world.practice)
    yield built
    built.http.close()


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.label)
def test_on_postgresql_valid_requests_get_documented_answers(operation: APIOperation, world: World) -> None:
    check_generated(operation, world, GenerationMode.POSITIVE, settings(THOROUGH, max_examples=EXAMPLES))


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda request_: request_.__name__)
def test_on_postgresql_a_signed_record_of_any_content_is_taken_or_refused(
    house: House, request_: Callable[..., httpx.Response]
) -> None:
    check_signed(house, request_, 5 * EXAMPLES)


def test_on_postgresql_everything_that_was_accepted_is_read(house: House) -> None:
    check_everything_is_read(house)
