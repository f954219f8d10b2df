"""Declarations of handlers and dependencies for `/openapi.json`; `openapi` collects them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel

F = TypeVar("F", bound=Callable[..., Any])

# Codes of flows that accept signed records, and of those that also accept an index.
RECORDS = (
    "signature_invalid",
    "roster_invalid",
    "record_invalid",
    "software_old",
    "conflict",
    "not_allowed",
    "seen_more",
)
# Codes of flows that ask for both factors again.
PROOF = ("credentials_wrong", "code_wrong", "code_spent", "too_many")
INDEX = ("not_found", "index_stale", "record_unknown", "record_left_out", "root_differs", "head_differs")


@dataclass(frozen=True, slots=True)
class Declared:
    """The problem codes, and the parts of request and answer that a handler or dependency handles.

    `security` are the alternatives, by name; `body` is read as JSON and may be missing unless it is `required`;
    `repeatable`: 200 instead of 201 for a repetition. `frozen`: whether it is answered while the stores do not belong
    together; None: as its method reads or writes.
    """

    codes: tuple[str, ...] = ()
    security: tuple[str, ...] = ()
    body: type[BaseModel] | None = None
    required: bool = True
    repeatable: bool = False
    frozen: bool | None = None


NOTHING = Declared()


def declares(
    *codes: str,
    security: tuple[str, ...] = (),
    body: type[BaseModel] | None = None,
    required: bool = True,
    repeatable: bool = False,
    frozen: bool | None = None,
) -> Callable[[F], F]:
    """A decorator of handlers and dependencies; see `Declared`."""

    def declare(function: F) -> F:
        vars(function)["declared"] = Declared(codes, security, body, required, repeatable, frozen)
        return function

    return declare


def declared_by(thing: object) -> Declared:
    """The declaration of a callable or of a marker in an annotation."""
    found = getattr(thing, "declared", NOTHING)
    return found if isinstance(found, Declared) else NOTHING


def answered_frozen(method: str, endpoint: object) -> bool:
    """Whether that is answered while the stores do not belong together."""
    said = declared_by(endpoint).frozen
    return method in {"GET", "HEAD"} if said is None else said
