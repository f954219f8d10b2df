"""Depositing documents: small ones in one form, larger ones in segments; listing them."""

from __future__ import annotations

import hmac
import re
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, cast

from fastapi import APIRouter, Header, Request
from starlette.responses import Response

from gateway.dependencies import After, InHouse, Limit, SignedInCaller, known_id
from gateway.documentation import RECORDS, SESSION, SIGNED_IN, describe
from gateway.http import limits
from gateway.http.digests import read_content_digest
from gateway.http.failures import Problem
from gateway.http.gathered import Gathered
from gateway.http.multipart import Parts, events, read_boundary
from gateway.http.streams import Channel, arriving, content_length, fed
from gateway.routes.answers import answer, made, next_after
from gateway.routes.bodies import BODY_CODES, BODY_HEADERS, IfRange, Range, send_body
from gateway.wire import documents as wire
from vault.domain.dossiers import DocumentState
from vault.errors import VaultError
from vault.flows.answers import Missing
from vault.flows.context import Caller, Ports
from vault.flows.documents import deposit
from vault.ports.errors import DigestMismatchError
from vault.records.envelope import parse
from vault.records.types.document import SEGMENT_SIZE, Document, body_digest
from vault.rules.verdict import Refused

router = APIRouter(tags=["documents"])
UPLOAD = ("too_large", "timeout", "invalid", "digest_mismatch", "state", "conflict", "not_found")
ContentDigest = Annotated[str | None, Header(description="RFC 9530; must give a sha-256 of the content")]
_NUMBER = re.compile(r"[0-9]{1,7}\Z")
_BINARY = {"type": "string", "contentMediaType": "application/octet-stream"}
FORM: dict[str, Any] = {
    "multipart/form-data": {
        "schema": {
            "type": "object",
            "description": "Parts in exactly this order; `body` when its ciphertext has at most 8,388,608 bytes.",
            "required": ["record", "head", "metadata"],
            "properties": {
                "record": {"type": "string", "contentMediaType": "application/json"},
                "head": _BINARY,
                "metadata": _BINARY,
                "body": _BINARY,
            },
        }
    }
}


@router.post(
    "/dossiers/{dossier}/documents",
    operation_id="deposit",
    summary="Deposit a document, with its body when it is small",
    **describe(
        {200: wire.Deposited, 201: wire.Deposited},
        (*SIGNED_IN, *RECORDS, *UPLOAD, "unsupported_type"),
        content=FORM,
        security=SESSION,
    ),
)
async def begin(request: Request, house: InHouse, caller: SignedInCaller, dossier: str) -> Response:
    """The body is kept only when the closing boundary was seen and size and digest are those of the record."""
    boundary = read_boundary(request.headers.get("content-type", ""))
    async with house.uploads.one():
        parts = Parts(events(arriving(request, limit=limits.FORM), boundary))
        envelope = parse(await parts.collect("record", limits.RECORD_PART), "document")
        record = Document.read(envelope)
        head = await parts.collect("head", limits.HEAD_PART)
        metadata = await parts.collect("metadata", limits.METADATA_PART)
        new = deposit.NewDocument(envelope, head, metadata)
        if await parts.closed():
            await parts.finish()
            begun = await house.run(deposit.begin, house.ports, caller, known_id(dossier), new, house.clock())
        elif record.size > limits.BODY_PART:
            raise Problem("too_large")
        else:
            async with house.inline.hold(record.size):
                body = await parts.gather("body", record.size, beyond="digest_mismatch")
                await parts.finish()
                begun = await house.transfer(
                    _deposit_whole, house.ports, caller, known_id(dossier), new, body, house.clock()
                )
    state = cast("Any", begun.state.value)
    return made(wire.Deposited(document=begun.document, state=state), repeated=begun.repeated)


def _deposit_whole(
    ports: Ports, caller: Caller, dossier: str, new: deposit.NewDocument, body: Gathered, now: datetime
) -> deposit.Begun | Refused | Missing:
    """Begin, store and complete a deposit whose body is one segment. Nothing is begun for a body that is not the one.

    Each step may find itself done by an earlier try that was cut off. The record signs a digest of the segment's
    digest, which the object store must be told before the first byte: hence the body is held whole until here.
    """
    record, digest = Document.read(new.envelope), body.digest()
    if len(body) != record.size or not hmac.compare_digest(body_digest([digest]), record.digest):
        raise DigestMismatchError("the body is not the one that was signed")
    begun = deposit.begin(ports, caller, dossier, new, now)
    if isinstance(begun, Refused) or begun.state is not DocumentState.DEPOSITING:
        return begun
    try:
        stored = deposit.put_segment(ports, caller, begun.document, 0, body, len(body), digest, now)
        state = stored if isinstance(stored, Refused) else deposit.complete(ports, caller, begun.document)
    except VaultError:
        deposit.abandon(ports, caller, begun.document)
        raise
    return replace(begun, state=state) if isinstance(state, DocumentState) else state


def _segment_number(value: str) -> int:
    if not _NUMBER.match(value):
        raise Problem("not_found")
    return int(value)


@router.put(
    "/documents/{document}/segments/{number}",
    operation_id="putSegment",
    summary="One segment of a larger body",
    **describe(
        {200: None, 201: None},
        (*SIGNED_IN, *UPLOAD, "length_required"),
        content={"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
        security=SESSION,
    ),
)
async def put_segment(
    request: Request,
    house: InHouse,
    caller: SignedInCaller,
    document: str,
    number: str,
    content_digest: ContentDigest = None,
) -> Response:
    """201 when it is new, 200 when the same bytes had come before. Streamed: memory stays flat."""
    identity, position = known_id(document), _segment_number(number)
    digest, size = read_content_digest(content_digest), content_length(request)
    if size is None:
        raise Problem("length_required")
    if size > SEGMENT_SIZE:
        raise Problem("too_large")
    async with house.uploads.one():

        async def store(channel: Channel) -> bool:
            return await house.transfer(
                deposit.put_segment, house.ports, caller, identity, position, channel, size, digest, house.clock()
            )

        created = await fed(arriving(request, limit=SEGMENT_SIZE), store)
    return Response(status_code=201 if created else 200)


@router.get(
    "/documents/{document}/segments",
    operation_id="listSegments",
    summary="The segments that have arrived",
    **describe({200: wire.Segments}, (*SIGNED_IN, "not_found"), security=SESSION),
)
async def segments(house: InHouse, caller: SignedInCaller, document: str) -> Response:
    """What an interrupted deposit need not send again."""
    rows = await house.run(deposit.segments, house.ports, caller, known_id(document))
    items = [wire.ListedSegment(number=row.number, size=row.size, sha256=row.digest.hex()) for row in rows]
    return answer(wire.Segments(items=items))


@router.post(
    "/documents/{document}/complete",
    operation_id="completeDeposit",
    summary="All segments are here",
    **describe(
        {200: wire.Deposited}, (*SIGNED_IN, "not_found", "segments_missing", "digest_mismatch"), security=SESSION
    ),
)
async def complete(house: InHouse, caller: SignedInCaller, document: str) -> Response:
    """Pending from now on, until an index lists it."""
    identity = known_id(document)
    state = await house.run(deposit.complete, house.ports, caller, identity)
    return answer(wire.Deposited(document=identity, state=cast("Any", state.value)))


@router.get(
    "/dossiers/{dossier}/documents",
    operation_id="listDocuments",
    summary="The documents of a dossier, by id",
    **describe({200: wire.Documents}, (*SIGNED_IN, "not_found", "invalid"), security=SESSION),
)
async def documents(
    house: InHouse, caller: SignedInCaller, dossier: str, after: After = "", limit: Limit = 500
) -> Response:
    """Record, head and metadata of each, and how far it is."""
    rows = await house.run(deposit.documents, house.ports, caller, known_id(dossier), after, limit)
    last = next_after(rows, limit)
    return answer(wire.Documents(items=[_listed(row) for row in rows], next=None if last is None else last.document))


@router.get(
    "/documents/{document}",
    operation_id="getDocument",
    summary="One document without its body",
    **describe({200: wire.ListedDocument}, (*SIGNED_IN, "not_found"), security=SESSION),
)
async def document(house: InHouse, caller: SignedInCaller, document: str) -> Response:
    """As it stands in the list."""
    return answer(_listed(await house.run(deposit.document, house.ports, caller, known_id(document))))


def _listed(row: deposit.DocumentView) -> wire.ListedDocument:
    return wire.ListedDocument(
        document=row.document,
        record=row.envelope,
        head=row.head,
        metadata=row.metadata,
        state=cast("Any", row.state.value),
    )


@router.get(
    "/documents/{document}/body",
    operation_id="getBody",
    summary="A document's body, whole or a range of it",
    **describe(
        {200: None, 206: None},
        (*SIGNED_IN, *BODY_CODES, "not_found"),
        security=SESSION,
        headers=BODY_HEADERS,
        answer_type="application/octet-stream",
    ),
)
async def body(
    request: Request,
    house: InHouse,
    caller: SignedInCaller,
    document: str,
    _range: Range = None,
    _if_range: IfRange = None,
) -> Response:
    """Ciphertext. Access is asked again at every segment; where it ended, the answer ends short."""
    identity = known_id(document)

    async def stretch(start: int, length: int | None) -> deposit.Body:
        return await house.run(deposit.body, house.ports, caller, identity, start, length, house.clock())

    return await send_body(request, house, stretch, Problem("not_found"))
