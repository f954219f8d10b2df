"""Uploads one sealed document: in one request, or in segments, in any order and repeatable."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from http import HTTPStatus
from typing import Any

from vault.records import read
from vault.records.envelope import Envelope
from vault.records.types.document import SEGMENT_SIZE, Document, segment_count, segment_length
from vault.sdk.device.progress import Progress
from vault.sdk.device.spool import Ticket
from vault.sdk.documents.bodies import segment_digest
from vault.sdk.errors import AnswerError, ApiError
from vault.sdk.server.api import Api
from vault.sdk.server.retry import again
from vault.sdk.server.upload_body import Part

THREADS = 3
ROUNDS = 3
PATIENCE = 600.0
_PIECE = 1024 * 1024


def send_whole(
    api: Api, dossier: str, ticket: Ticket, body: memoryview, index: Envelope | None = None
) -> dict[str, Any]:
    """Send a document of at most one segment, optionally with the index that lists it; return the answer.

    Raises ApiError, also for a refused index: the document is then pending, and waits for a later index.
    """
    parts = [*_parts(ticket), Part("body", bytes(body))]
    if index is not None:
        parts.append(Part("index", index.to_bytes(), "application/json"))
    return again(lambda: api.multipart(f"/dossiers/{dossier}/documents", parts), patience=PATIENCE)


def send_segments(
    api: Api, dossier: str, ticket: Ticket, fd: int, progress: Progress, digests: Sequence[bytes] = ()
) -> None:
    """Send the missing segments of a spooled body, several at once.

    `digests` are the segments', if this process has just encrypted them; else they are computed from the spool. The
    server checks the digests, and so detects a disk's damage in between. Raises ApiError when the server refuses the
    document for good.
    """
    document = ticket.document
    answer = again(lambda: api.multipart(f"/dossiers/{dossier}/documents", _parts(ticket)), patience=PATIENCE)
    if answer.get("state") != "depositing":
        progress.advance(document.size)
        return
    present = _present(again(lambda: api.get(f"/documents/{document.id}/segments")))
    missing = [number for number in range(segment_count(document.size)) if number not in present]
    progress.advance(sum(segment_length(document.size, number) for number in present))
    for attempt in range(ROUNDS):
        _send(api, document, fd, missing, progress, digests)
        try:
            again(lambda: api.post(f"/documents/{document.id}/complete"))
        except ApiError as error:
            if error.code != "segments_missing" or attempt == ROUNDS - 1:
                raise
            missing = _named_missing(error, document)
        else:
            return


def _parts(ticket: Ticket) -> list[Part]:
    return [
        Part("record", ticket.record.to_bytes(), "application/json"),
        Part("head", ticket.head),
        Part("metadata", ticket.metadata),
    ]


def _present(answer: dict[str, Any]) -> set[int]:
    return {read.integer(value, "number") for value in read.objects(answer, "items", most=2**20)}


def _named_missing(error: ApiError, document: Document) -> list[int]:
    numbers = error.extra.get("missing")
    count = segment_count(document.size)
    if not isinstance(numbers, list) or not all(isinstance(n, int) and 0 <= n < count for n in numbers):
        raise AnswerError("the server asks for segments that there are not") from error
    return list(numbers)


def _send(
    api: Api, document: Document, fd: int, missing: list[int], progress: Progress, digests: Sequence[bytes]
) -> None:
    pool = ThreadPoolExecutor(THREADS, thread_name_prefix="segment")
    try:
        known = dict(enumerate(digests))
        futures = [pool.submit(_send_one, api, document, fd, number, progress, known.get(number)) for number in missing]
        done, _ = wait(futures, return_when=FIRST_EXCEPTION)
        for future in done:
            future.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _send_one(api: Api, document: Document, fd: int, number: int, progress: Progress, known: bytes | None) -> None:
    digest = base64.b64encode(known or segment_digest(fd, document.size, number)).decode()
    length = segment_length(document.size, number)
    headers = {"Content-Digest": f"sha-256=:{digest}:"}
    path = f"/documents/{document.id}/segments/{number}"
    sent = 0

    def pieces() -> Iterator[bytes]:
        nonlocal sent
        progress.advance(-sent)
        sent, start = 0, number * SEGMENT_SIZE
        while sent < length:
            piece = os.pread(fd, min(_PIECE, length - sent), start + sent)
            if not piece:
                raise ApiError("the spool was cut off", status=HTTPStatus.CONFLICT, code="spool_damaged")
            sent += len(piece)
            progress.advance(len(piece))
            yield piece

    again(lambda: api.upload("PUT", path, pieces(), length, headers), patience=PATIENCE)
