"""How a result becomes a response."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

from pydantic import BaseModel
from starlette.responses import Response

T = TypeVar("T")


def answer(body: BaseModel, status: int = 200, *, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON body."""
    return Response(body.model_dump_json(), status, headers=dict(headers or {}), media_type="application/json")


def made(body: BaseModel, *, repeated: bool) -> Response:
    """201 for what is new, 200 for what had been there."""
    return answer(body, 200 if repeated else 201)


def nothing() -> Response:
    """204."""
    return Response(status_code=204)


def next_after(items: Sequence[T], limit: int) -> T | None:
    """The item after which the next page begins; None when this page was not full."""
    return items[-1] if len(items) >= limit else None
