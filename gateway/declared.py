"""What a handler or a dependency declares for `/openapi.json`: beside the code that does it, collected by `openapi`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel

F = TypeVar("F", bound=Callable[..., Any])

# Codes of flows that take signed records, and of those that take an index with them.
RECORDS = ("signature_invalid", "roster_invalid", "record_invalid", "conflict", "not_allowed", "setup_open")
INDEX = ("not_found", "index_stale", "record_unknown", "record_left_out")


@dataclass(frozen=True, slots=True)
class Declared:
    """The codes that something can refuse with, and what it reads of the request or changes of the answer.

    `security` are the alternatives, by name; `body` is read as JSON and may be missing unless it is `required`;
    `repeatable`: 200 instead of 201 where the same had been done before.
    """

    codes: tuple[str, ...] = ()
    security: tuple[str, ...] = ()
    body: type[BaseModel] | None = None
    required: bool = True
    repeatable: bool = False


NOTHING = Declared()


def declares(
    *codes: str,
    security: tuple[str, ...] = (),
    body: type[BaseModel] | None = None,
    required: bool = True,
    repeatable: bool = False,
) -> Callable[[F], F]:
    """A decorator of handlers and dependencies; see `Declared`."""

    def declare(function: F) -> F:
        vars(function)["declared"] = Declared(codes, security, body, required, repeatable)
        return function

    return declare


def declared_by(thing: object) -> Declared:
    """What a callable, or a marker in an annotation, declares."""
    found = getattr(thing, "declared", NOTHING)
    return found if isinstance(found, Declared) else NOTHING
