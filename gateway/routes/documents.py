"""Depositing documents: small ones in one form, larger ones by intent, segments and record; listing them."""

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
from gateway.dependencies.queries import After, Epoch, Limit
from gateway.http import limits
from gateway.http.credentials import read_token
from gateway.http.digests import read_content_digest
from gateway.http.direct_body import direct_body
from gateway.http.failures import Problem, refusal
from gateway.http.multipart import Parts, events, read_boundary
from gateway.http.streams import arriving, content_length
from gateway.wire import documents as wire
from vault.flows.documents import completing, reading, whole
from vault.flows.documents import deposit as depositing
from vault.records.envelope import parse
from vault.records.types.document import SEGMENT_SIZE, Document

router = APIRouter(tags=["documents"])
EPOCH = "epoch_stale"
UPLOAD = ("too_large", "timeout", "invalid", "digest_mismatch", "state", "conflict", "not_found")
ContentDigest = Annotated[str | None, Header(description="RFC 9530; must give a sha-256 of the content")]
_BINARY = {"type": "string", "format": "binary", "contentMediaType": "application/octet-stream"}
_SIGNED = {"type": "string", "contentMediaType": "application/json"}
_PARTS = {"record": _SIGNED, "head": _BINARY, "metadata": _BINARY}
_DEPOSIT: dict[str, Any] = {
    "multipart/form-data": {
        "schema": {
            "type": "object",
            "description": "`intent` alone for a body that comes in segments. Else the others in exactly this order, "
            "when the ciphertext has at most 8,388,608 bytes; `index` when one is to list the document at once.",
            "properties": {"intent": _SIGNED, **_PARTS, "body": _BINARY, "index": _SIGNED},
        }
    }
}
_COMPLETION: dict[str, Any] = {
    "multipart/form-data": {
        "schema": {
            "type": "object",
            "description": "Parts in exactly this order.",
            "required": list(_PARTS),
            "properties": _PARTS,
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
    "/dossiers/{dossier}/documents", **MADE, openapi_extra={"requestBody": {"required": True, "content": _DEPOSIT}}
)
@declares(*RECORDS, *INDEX, *UPLOAD, EPOCH, "unsupported_type")
async def deposit(
    request: Request,
    flows: Flows,
    admitted: Annotated[whole.Admitted, Depends(_admitted)],
    dossier: DossierId,
    made: Made,
    epoch: Epoch = 1,
) -> wire.Deposited:
    """Reserve a document by its intent, or deposit a small one whole, also with the index that lists it.

    A whole body is stored only after the closing boundary, and if size and digest match the record. If the index is
    refused, the document stays pending, and a later index may list it; repeating the deposit changes nothing.
    Head and metadata are under the identity of `epoch`; where the dossier has another one now, they come anew.
    """
    boundary = read_boundary(request.headers.get("content-type", ""))
    async with flows.state.uploads.one(admitted.caller.member):
        parts = Parts(events(arriving(request, limit=limits.FORM), boundary))
        if await parts.begins("intent"):
            intent = parse(await parts.collect("intent", limits.RECORD_PART), "intent")
            await parts.finish()
            begun = await flows.run(depositing.reserve, admitted.caller, dossier, intent, flows.now)
            return made(wire.Deposited.of(begun), repeated=begun.repeated)
        new = await _new_document(parts, epoch)
        size = Document.read(new.envelope).size
        if size > limits.BODY_PART:
            raise Problem("too_large")
        async with flows.state.inline.hold(size, admitted.caller.member):
            body = await parts.gather("body", size, beyond="digest_mismatch")
            index = None if await parts.closed() else parse(await parts.collect("index", limits.INDEX_PART), "index")
            await parts.finish()
            deposited = await flows.transfer(whole.deposit_whole, admitted, new, body, index, flows.now)
    return made(wire.Deposited.of(deposited), repeated=deposited.repeated)


async def _new_document(parts: Parts, epoch: int) -> depositing.NewDocument:
    """A document's record, with its head and metadata."""
    envelope = parse(await parts.collect("record", limits.RECORD_PART), "document")
    head = await parts.collect("head", limits.HEAD_PART)
    return depositing.NewDocument(envelope, head, await parts.collect("metadata", limits.METADATA_PART), epoch)


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
    async with flows.state.uploads.one(flows.caller.member), direct_body(request, size) as body:
        created = await flows.transfer(depositing.put_segment, document, number, body, size, digest, flows.now)
    return Response(status_code=201 if created else 200)


@router.get("/documents/{document}/segments")
@declares("not_found")
async def list_segments(flows: MemberFlows, document: DocumentId) -> wire.Segments:
    """The stored segments.

    An interrupted deposit need not send them again.
    """
    return wire.Segments.of(await flows.run(depositing.segments, document))


@router.post(
    "/documents/{document}/complete", openapi_extra={"requestBody": {"required": True, "content": _COMPLETION}}
)
@declares(*RECORDS, *UPLOAD, EPOCH, "segments_missing", "unsupported_type")
async def complete_deposit(
    request: Request, flows: MemberFlows, document: DocumentId, epoch: Epoch = 1
) -> wire.Deposited:
    """Complete a deposit: its record, as its intent said, with head and metadata.

    It needs all segments; the document is pending until an index lists it.
    """
    boundary = read_boundary(request.headers.get("content-type", ""))
    size = content_length(request)
    size = limits.COMPLETION if size is None else min(size, limits.COMPLETION)
    async with flows.state.bodies.hold(size, flows.caller.member):
        parts = Parts(events(arriving(request, limit=limits.COMPLETION), boundary))
        new = await _new_document(parts, epoch)
        await parts.finish()
    state = await flows.run(completing.complete, document, new, flows.now)
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
