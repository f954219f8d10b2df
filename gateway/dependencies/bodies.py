"""A JSON body, read strictly and within its limit: `body: Json[NewShare]`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Generic, TypeVar

from fastapi import Depends
from pydantic import ValidationError
from starlette.requests import Request

from gateway.declared_codes import Declared
from gateway.dependencies.state import holder_of, state_of
from gateway.http.failures import Problem, invalid_body, too_many_errors
from gateway.http.fair_time import in_thread
from gateway.http.limits import KIB, SMALL_JSON
from gateway.http.streams import arriving, content_length
from gateway.wire.fields import RequestBody
from vault.records.strict_json import parse_object

M = TypeVar("M", bound=RequestBody)
PARSE_INLINE = 4 * KIB
MEMBERS = 300  # of one object; the largest map that a route takes has 256
CONTAINERS, COMMAS = 8_000, 60_000  # of one body, texts included; the largest that a route takes has 1,000 members
CODES = ("unsupported_type", "too_large", "timeout", "invalid", "record_invalid")


class JsonBody(Generic[M]):
    """A dependency: the body as strict JSON (duplicate keys, floats, deep nesting refused), validated by the model.

    The model's size limit is checked before parsing. Raises a Problem of one of its codes, and RecordError for an
    invalid envelope.
    """

    def __init__(self, model: type[M]) -> None:
        self._model = model
        self.declared = Declared(CODES, body=model)

    async def __call__(self, request: Request) -> AsyncIterator[M]:
        """Read it; its memory counts as its sender's until the request is answered."""
        async with self.held(request) as body:
            yield body

    @asynccontextmanager
    async def held(self, request: Request) -> AsyncIterator[M]:
        """The body, while its memory is counted."""
        declared, limit = content_length(request), self._model.limit
        size = limit if declared is None else min(declared, limit)
        if size <= SMALL_JSON:
            yield await self.read(request, limit)
            return
        async with state_of(request).bodies.hold(size, holder_of(request).key):
            yield await self.read(request, limit)

    async def read(self, request: Request, limit: int) -> M:
        """Read at most `limit` bytes of it."""
        kind = request.headers.get("content-type", "")
        if kind.partition(";")[0].strip().lower() != "application/json":
            raise Problem("unsupported_type")
        raw = await read_body(request, limit)
        state, holder = state_of(request), holder_of(request)
        if len(raw) <= PARSE_INLINE:
            with state.fair.spending(holder):
                return _parse(raw, self._model)
        async with state.parsing.hold(1, holder.key):
            work = partial(_parse, raw, self._model)
            return await in_thread(state.fair, state.parse_threads, holder, work)


if TYPE_CHECKING:
    Json = Annotated[M, ...]
else:

    class Json:
        """`Json[Model]` annotates a parameter with the model and its JsonBody."""

        def __class_getitem__(cls, model: type[RequestBody]) -> Any:
            """The annotation."""
            return Annotated[model, Depends(JsonBody(model))]


async def read_body(request: Request, limit: int) -> bytes:
    """The whole body of at most `limit` bytes; raises Problem `too_large` or `timeout`."""
    content = bytearray()
    async for chunk in arriving(request, limit=limit):
        content += chunk
    return bytes(content)


def _parse(raw: bytes, model: type[M]) -> M:
    if raw.count(b"{") + raw.count(b"[") > CONTAINERS or raw.count(b",") > COMMAS:  # a parser would be busy with them
        raise too_many_errors()
    value = parse_object(raw, limit=len(raw))
    if _widest(value) > MEMBERS:  # each would be an error, and pydantic gathers all of one object
        raise too_many_errors()
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise invalid_body(error) from None


def _widest(value: Any) -> int:
    """How many members its largest object has. Lists need no count: a bad element ends the validation of its list."""
    widest, left = 0, [value]
    while left:
        node = left.pop()
        if isinstance(node, dict):
            widest = max(widest, len(node))
            left.extend(node.values())
        elif isinstance(node, list):
            left.extend(node)
    return widest
