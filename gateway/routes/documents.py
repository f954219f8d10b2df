"""Depositing documents: small ones in one form, larger ones in segments; listing them."""

from __future__ import annotations

import hmac
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Header
from starlette.requests import Request
from starlette.responses import Response

from gateway.declared import RECORDS, declares
from gateway.dependencies.answers import MADE, Made
from gateway.dependencies.downloads import BODY, SendBody
from gateway.dependencies.flows import MemberFlows
from gateway.dependencies.paths import DocumentId, DossierId, SegmentNumber
from gateway.dependencies.queries import After, Limit
from gateway.http import limits
from gateway.http.digests import read_content_digest
from gateway.http.failures import Problem
from gateway.http.gathered import Gathered
from gateway.http.multipart import Parts, events, read_boundary
from gateway.http.streams import Channel, arriving, content_length, fed
from gateway.wire import documents as wire
from vault.domain.dossiers import DocumentState
from vault.errors import VaultError
from vault.flows.answers import Missing
from vault.flows.context import Caller, Ports
from vault.flows.documents import deposit as depositing
from vault.flows.documents import reading
from vault.ports.errors import DigestMismatchError
from vault.records.envelope import parse
from vault.records.types.document import SEGMENT_SIZE, Document, body_digest
from vault.rules.verdict import Refused

router = APIRouter(tags=["documents"])
UPLOAD = ("too_large", "timeout", "invalid", "digest_mismatch", "state", "conflict", "not_found")
ContentDigest = Annotated[str | None, Header(description="RFC 9530; must give a sha-256 of the content")]
_BINARY = {"type": "string", "format": "binary", "contentMediaType": "application/octet-stream"}
_FORM: dict[str, Any] = {
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
_SEGMENT: dict[str, Any] = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}


@router.post(
    "/dossiers/{dossier}/documents", **MADE, openapi_extra={"requestBody": {"required": True, "content": _FORM}}
)
@declares(*RECORDS, *UPLOAD, "unsupported_type")
async def deposit(request: Request, flows: MemberFlows, dossier: DossierId, made: Made) -> wire.Deposited:
    """Deposit a document, with its body when it is small.

    The body is kept only when the closing boundary was seen and size and digest are those of the record.
    """
    boundary = read_boundary(request.headers.get("content-type", ""))
    async with flows.state.uploads.one():
        parts = Parts(events(arriving(request, limit=limits.FORM), boundary))
        envelope = parse(await parts.collect("record", limits.RECORD_PART), "document")
        record = Document.read(envelope)
        head = await parts.collect("head", limits.HEAD_PART)
        metadata = await parts.collect("metadata", limits.METADATA_PART)
        new = depositing.NewDocument(envelope, head, metadata)
        if await parts.closed():
            await parts.finish()
            begun = await flows.run(depositing.begin, dossier, new, flows.now)
        elif record.size > limits.BODY_PART:
            raise Problem("too_large")
        else:
            async with flows.state.inline.hold(record.size):
                body = await parts.gather("body", record.size, beyond="digest_mismatch")
                await parts.finish()
                begun = await flows.transfer(_deposit_whole, dossier, new, body, flows.now)
    return made(
        wire.Deposited(document=begun.document, state=wire.DocumentState(begun.state.value)), repeated=begun.repeated
    )


def _deposit_whole(
    ports: Ports, caller: Caller, dossier: str, new: depositing.NewDocument, body: Gathered, now: datetime
) -> depositing.Begun | Refused | Missing:
    """Begin, store and complete a deposit whose body is one segment. Nothing is begun for a body that is not the one.

    Each step may find itself done by an earlier try that was cut off. The record signs a digest of the segment's
    digest, which the object store must be told before the first byte: hence the body is held whole until here.
    """
    record, digest = Document.read(new.envelope), body.digest()
    if len(body) != record.size or not hmac.compare_digest(body_digest([digest]), record.digest):
        raise DigestMismatchError("the body is not the one that was signed")
    begun = depositing.begin(ports, caller, dossier, new, now)
    if isinstance(begun, Refused) or begun.state is not DocumentState.DEPOSITING:
        return begun
    try:
        stored = depositing.put_segment(ports, caller, begun.document, 0, body, len(body), digest, now)
        state = stored if isinstance(stored, Refused) else depositing.complete(ports, caller, begun.document)
    except VaultError:
        depositing.abandon(ports, caller, begun.document)
        raise
    return replace(begun, state=state) if isinstance(state, DocumentState) else state


@router.put(
    "/documents/{document}/segments/{number}",
    status_code=201,
    response_class=Response,
    openapi_extra={"requestBody": {"required": True, "content": _SEGMENT}},
)
@declares(*UPLOAD, "length_required", repeatable=True)
async def put_segment(
    request: Request,
    flows: MemberFlows,
    document: DocumentId,
    number: SegmentNumber,
    content_digest: ContentDigest = None,
) -> Response:
    """One segment of a larger body.

    201 when it is new, 200 when the same bytes had come before. Streamed: memory stays flat.
    """
    digest, size = read_content_digest(content_digest), content_length(request)
    if size is None:
        raise Problem("length_required")
    if size > SEGMENT_SIZE:
        raise Problem("too_large")
    async with flows.state.uploads.one():

        async def store(channel: Channel) -> bool:
            return await flows.transfer(depositing.put_segment, document, number, channel, size, digest, flows.now)

        created = await fed(arriving(request, limit=SEGMENT_SIZE), store)
    return Response(status_code=201 if created else 200)


@router.get("/documents/{document}/segments")
@declares("not_found")
async def list_segments(flows: MemberFlows, document: DocumentId) -> wire.Segments:
    """The segments that have arrived.

    What an interrupted deposit need not send again.
    """
    return wire.Segments.of(await flows.run(depositing.segments, document))


@router.post("/documents/{document}/complete")
@declares("not_found", "segments_missing", "digest_mismatch")
async def complete_deposit(flows: MemberFlows, document: DocumentId) -> wire.Deposited:
    """All segments are here.

    Pending from now on, until an index lists it.
    """
    state = await flows.run(depositing.complete, document)
    return wire.Deposited(document=document, state=wire.DocumentState(state.value))


@router.get("/dossiers/{dossier}/documents")
@declares("not_found")
async def list_documents(
    flows: MemberFlows, dossier: DossierId, after: After = "", limit: Limit = 500
) -> wire.Documents:
    """The documents of a dossier, by id.

    Record, head and metadata of each, and how far it is.
    """
    return wire.Documents.page(await flows.run(reading.documents, dossier, after, limit), limit)


@router.get("/documents/{document}")
@declares("not_found")
async def get_document(flows: MemberFlows, document: DocumentId) -> wire.ListedDocument:
    """One document without its body.

    As it stands in the list.
    """
    return wire.ListedDocument.of(await flows.run(reading.document, document))


@router.get("/documents/{document}/body", **BODY)
@declares("not_found")
async def get_body(flows: MemberFlows, document: DocumentId, send_body: SendBody) -> Response:
    """A document's body, whole or a range of it.

    Ciphertext. Access is asked again at every segment; where it ended, the answer ends short.
    """

    async def stretch(start: int, length: int | None) -> reading.Body:
        return await flows.run(reading.body, document, start, length, flows.now)

    return await send_body(stretch, Problem("not_found"))
