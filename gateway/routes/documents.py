"""Depositing documents: small ones in one form, larger ones in segments; listing them."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header
from starlette.requests import Request
from starlette.responses import Response

from gateway.declared_codes import INDEX, RECORDS, declares
from gateway.dependencies.answers import MADE, Made
from gateway.dependencies.downloads import BODY, SendBody
from gateway.dependencies.flows import Flows, MemberFlows
from gateway.dependencies.paths import DocumentId, DossierId, SegmentNumber
from gateway.dependencies.queries import After, Limit
from gateway.http import limits
from gateway.http.credentials import read_token
from gateway.http.digests import read_content_digest
from gateway.http.failures import Problem, refusal
from gateway.http.multipart import Parts, events, read_boundary
from gateway.http.streams import Channel, arriving, content_length, fed
from gateway.wire import documents as wire
from vault.flows.documents import deposit as depositing
from vault.flows.documents import reading, whole
from vault.records.envelope import parse
from vault.records.types.document import SEGMENT_SIZE, Document

router = APIRouter(tags=["documents"])
UPLOAD = ("too_large", "timeout", "invalid", "digest_mismatch", "state", "conflict", "not_found")
ContentDigest = Annotated[str | None, Header(description="RFC 9530; must give a sha-256 of the content")]
_BINARY = {"type": "string", "format": "binary", "contentMediaType": "application/octet-stream"}
_FORM: dict[str, Any] = {
    "multipart/form-data": {
        "schema": {
            "type": "object",
            "description": "Parts in exactly this order; `body` when its ciphertext has at most 8,388,608 bytes, and "
            "behind it `index` when one is to list the document at once.",
            "required": ["record", "head", "metadata"],
            "properties": {
                "record": {"type": "string", "contentMediaType": "application/json"},
                "head": _BINARY,
                "metadata": _BINARY,
                "body": _BINARY,
                "index": {"type": "string", "contentMediaType": "application/json"},
            },
        }
    }
}
_SEGMENT: dict[str, Any] = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}


@declares("sign_in", "origin_wrong", security=("session", "cookie"))
async def _admitted(request: Request, flows: Flows) -> whole.Admitted:
    """The depositor and the data to check her record with, read in one unit of work before the body."""
    token = read_token(request, flows.state.public)
    if token is None:
        raise refusal("sign_in")
    return await flows.run(whole.admit, token, request.path_params["dossier"], flows.now)


@router.post(
    "/dossiers/{dossier}/documents", **MADE, openapi_extra={"requestBody": {"required": True, "content": _FORM}}
)
@declares(*RECORDS, *INDEX, *UPLOAD, "unsupported_type")
async def deposit(
    request: Request,
    flows: Flows,
    admitted: Annotated[whole.Admitted, Depends(_admitted)],
    dossier: DossierId,
    made: Made,
) -> wire.Deposited:
    """Deposit a document, with its body when it is small, and with the index that lists it.

    The body is stored only after the closing boundary, and if size and digest match the record. If the index is
    refused, the document stays pending, and a later index may list it; repeating the deposit changes nothing.
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
            begun = await flows.run(depositing.begin, admitted.caller, dossier, new, flows.now)
            return made(wire.Deposited.of(begun), repeated=begun.repeated)
        if record.size > limits.BODY_PART:
            raise Problem("too_large")
        async with flows.state.inline.hold(record.size):
            body = await parts.gather("body", record.size, beyond="digest_mismatch")
            index = None if await parts.closed() else parse(await parts.collect("index", limits.INDEX_PART), "index")
            await parts.finish()
            deposited = await flows.transfer(whole.deposit_whole, admitted, new, body, index, flows.now)
    return made(wire.Deposited.of(deposited), repeated=deposited.repeated)


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

    201 when it is new, 200 when the same bytes are stored already. Streamed: memory stays flat.
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
    """The stored segments.

    An interrupted deposit need not send them again.
    """
    return wire.Segments.of(await flows.run(depositing.segments, document))


@router.post("/documents/{document}/complete")
@declares("not_found", "segments_missing", "digest_mismatch")
async def complete_deposit(flows: MemberFlows, document: DocumentId) -> wire.Deposited:
    """Complete a deposit.

    It needs all segments; the document is pending until an index lists it.
    """
    state = await flows.run(depositing.complete, document)
    return wire.Deposited(document=document, state=wire.DocumentState(state.value))


@router.get("/dossiers/{dossier}/documents")
@declares("not_found")
async def list_documents(
    flows: MemberFlows, dossier: DossierId, after: After = "", limit: Limit = 500
) -> wire.Documents:
    """The documents of a dossier, by id.

    Record, head and metadata of each, and its state.
    """
    return wire.Documents.page(await flows.run(reading.documents, dossier, after, limit), limit)


@router.get("/documents/{document}")
@declares("not_found")
async def get_document(flows: MemberFlows, document: DocumentId) -> wire.ListedDocument:
    """One document without its body.

    As in the list.
    """
    return wire.ListedDocument.of(await flows.run(reading.document, document))


@router.get("/dossiers/{dossier}/documents/{document}")
@declares("not_found")
async def prove_document(flows: MemberFlows, dossier: DossierId, document: DocumentId) -> wire.ProvenDocument:
    """One document with the newest index, and the proof that this lists it.

    Whoever reads one document among many needs none of the others.
    """
    return wire.ProvenDocument.of(await flows.run(reading.proven, dossier, document))


@router.get("/documents/{document}/body", **BODY)
@declares("not_found")
async def get_body(flows: MemberFlows, document: DocumentId, send_body: SendBody) -> Response:
    """A document's body, whole or a range of it.

    Ciphertext. Access is checked again at every segment; without it the answer ends early.
    """

    async def read_range(start: int, length: int | None) -> reading.Body:
        return await flows.run(reading.body, document, start, length, flows.now)

    return await send_body(read_range, Problem("not_found"))
