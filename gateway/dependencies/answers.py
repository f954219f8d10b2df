"""Answers that FastAPI cannot build by itself."""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

from fastapi import Depends
from pydantic import BaseModel
from starlette.responses import Response

from gateway.declared_codes import declares

M = TypeVar("M", bound=BaseModel)
NO_CONTENT: dict[str, Any] = {"status_code": 204, "response_class": Response}
MADE: dict[str, Any] = {"status_code": 201}


class Repetition:
    """Answers 200 instead of 201 for a repeated request."""

    def __init__(self, response: Response) -> None:
        self._response = response

    def __call__(self, body: M, *, repeated: bool) -> M:
        """The body, with its status set."""
        if repeated:
            self._response.status_code = 200
        return body


@declares(repeatable=True)
async def _repetition(response: Response) -> Repetition:
    return Repetition(response)


Made = Annotated[Repetition, Depends(_repetition)]


def json_response(body: BaseModel) -> Response:
    """The answer, serialised by the caller: in a flow's thread, where large bodies do not block the event loop."""
    return Response(body.model_dump_json(), media_type="application/json")
