"""Uploads one document: in one request, or reserved, in segments and completed; every request is repeatable."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from http import HTTPStatus
from typing import Any

from vault.records import read
from vault.records.envelope import Envelope
from vault.sdk.device.progress import Progress
from vault.sdk.documents.sealing import SealedFile, SegmentBuffers
from vault.sdk.documents.signing import Signed
from vault.sdk.errors import AnswerError, ApiError
from vault.sdk.server.api import Api
from vault.sdk.server.retry import again
from vault.sdk.server.upload_body import Part

THREADS = 3
PATIENCE = 600.0
_PIECE = 1024 * 1024
_JSON = "application/json"


def send_whole(
    api: Api, dossier: str, signed: Signed, body: memoryview, index: Envelope | None = None
) -> dict[str, Any]:
    """Send a document of at most one segment, optionally with the index that lists it; return the answer.

    Raises ApiError, also for a refused index: the document is then pending, and waits for a later index.
    """
    parts = [*_parts(signed), Part("body", body)]
    if index is not None:
        parts.append(Part("index", index.to_bytes(), _JSON))
    path = f"/dossiers/{dossier}/documents?epoch={signed.epoch}"
    return again(lambda: api.multipart(path, parts), patience=PATIENCE)


def reserve(api: Api, dossier: str, intent: Envelope) -> None:
    """Reserve the document; raises ApiError when the server refuses it for good."""
    parts = [Part("intent", intent.to_bytes(), _JSON)]
    again(lambda: api.multipart(f"/dossiers/{dossier}/documents", parts), patience=PATIENCE)


def arrived(api: Api, document: str) -> dict[int, str]:
    """The digests of the segments that the server has, hex."""
    answer = again(lambda: api.get(f"/documents/{document}/segments"))
    items = read.objects(answer, "items", most=2**20)
    return {read.integer(item, "number"): read.digest(item, "sha256") for item in items}


def send_segments(
    api: Api, document: str, sealed: SealedFile, there: Mapping[int, str], progress: Progress
) -> tuple[bytes, ...]:
    """Encrypt and send, several segments at once, those that are not `there`; return the digests of all.

    Raises ApiError when the server refuses one or has other bytes in its place; what `sealed` raises.
    """
    buffers = SegmentBuffers(THREADS + 1)
    pool = ThreadPoolExecutor(THREADS, thread_name_prefix="segment")
    sending: list[Future[bytes]] = []

    def send(number: int, buffer: memoryview, length: int) -> bytes:
        try:
            return _send_one(
                api, f"/documents/{document}/segments/{number}", buffer[:length], there.get(number), progress
            )
        finally:
            buffers.give_back(buffer)

    try:
        for number, (buffer, length) in enumerate(sealed.segments(buffers)):
            sending.append(pool.submit(send, number, buffer, length))
            _raise_failure(sending)
        return tuple(future.result() for future in sending)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def complete(api: Api, document: str, signed: Signed) -> list[int]:
    """Complete the document; the numbers of the segments that the server lacks, none when it is complete."""
    try:
        path = f"/documents/{document}/complete?epoch={signed.epoch}"
        again(lambda: api.multipart(path, _parts(signed)), patience=PATIENCE)
    except ApiError as error:
        if error.code != "segments_missing":
            raise
        numbers = error.extra.get("missing")
        if not isinstance(numbers, list) or not numbers or not all(isinstance(n, int) for n in numbers):
            raise AnswerError("the server asks for segments that there are not") from error
        return numbers
    return []


def _parts(signed: Signed) -> list[Part]:
    return [
        Part("record", signed.record.to_bytes(), _JSON),
        Part("head", signed.head),
        Part("metadata", signed.metadata),
    ]


def _raise_failure(sending: list[Future[bytes]]) -> None:
    for future in sending:
        if future.done():
            future.result()


def _send_one(api: Api, path: str, segment: memoryview, there: str | None, progress: Progress) -> bytes:
    digest = hashlib.sha256(segment).digest()
    if there is not None:
        if there != digest.hex():
            raise ApiError("other bytes stand there already", status=HTTPStatus.CONFLICT, code="conflict")
        progress.advance(len(segment))
        return digest
    headers = {"Content-Digest": f"sha-256=:{base64.b64encode(digest).decode()}:"}
    sent = 0

    def pieces() -> Iterator[memoryview]:
        nonlocal sent
        progress.advance(-sent)
        sent = 0
        while sent < len(segment):
            piece = segment[sent : sent + _PIECE]
            sent += len(piece)
            progress.advance(len(piece))
            yield piece

    again(lambda: api.upload("PUT", path, pieces(), len(segment), headers), patience=PATIENCE)
    return digest
