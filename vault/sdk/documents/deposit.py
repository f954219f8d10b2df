"""Depositing files: encrypted here, uploaded, and made current by one signed index for the whole batch.

Every step is repeatable. After a lost answer the request is repeated under the same document id; a large file that was
interrupted goes on where it was (`in_parts`). A document uploaded but not yet listed is recognised by its content and
listed.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING, Any

from vault.age.stream import body_size
from vault.records.encoding import RecordError
from vault.records.envelope import Envelope
from vault.records.types.document import SEGMENT_SIZE
from vault.sdk.device.pin_kinds import DOCUMENT_STORED, Act
from vault.sdk.device.progress import UNWATCHED, Progress
from vault.sdk.device.source_file import SourceFile
from vault.sdk.device.spool import Spool, SpoolEntry, Wanted
from vault.sdk.device.walk import Found, Unusable
from vault.sdk.documents import in_parts, uploads
from vault.sdk.documents.described import FAILED, Description, Outcome
from vault.sdk.documents.digests import file_digest
from vault.sdk.documents.listing import STORED, Listed, list_documents
from vault.sdk.documents.metadata import MAX_PURPOSE, Metadata
from vault.sdk.documents.sealing import (
    FileFailedError,
    FileKey,
    check_unchanged,
    measure,
    open_source,
    read_whole,
    seal_bytes,
)
from vault.sdk.documents.signing import Signed, new_intent, settled, sign_document
from vault.sdk.errors import ApiError
from vault.sdk.one_line import check_size

if TYPE_CHECKING:
    from vault.sdk.dossiers.open_dossier import OpenDossier

ALREADY = "already"
IN_PARALLEL, BYTES_IN_PARALLEL = 8, 3 * SEGMENT_SIZE
INDEX_REFUSED = frozenset({"index_stale", "record_unknown", "record_left_out", "root_differs", "head_differs"})
Key = tuple[str, str, str]


def deposit(
    dossier: OpenDossier,
    items: Iterable[Found | Unusable],
    description: Description,
    *,
    progress: Progress = UNWATCHED,
) -> list[Outcome]:
    """Deposit the files in order; a failed file does not stop the others.

    Raises UnavailableError when the server or the spool is unavailable: the same call resumes; InvalidInputError for a
    purpose that no reader would accept.
    """
    check_size(description.purpose, "purpose", MAX_PURPOSE)
    batch = _Batch(dossier, description, progress)
    with closing(batch):
        for item in items:
            batch.take(item)
        batch.finish()
    return batch.outcomes


class _Batch:
    """The state of one batch: known documents, running uploads, hashes for the index."""

    def __init__(self, dossier: OpenDossier, description: Description, progress: Progress) -> None:
        signed_in = dossier.signed_in
        self.dossier, self.description, self.progress = dossier, description, progress
        self.api = signed_in.api
        self.outcomes: list[Outcome] = []
        self.spool = Spool(signed_in.home, signed_in.keyring.spool_key)
        self.spool.sweep(signed_in.now())
        self._known = {_key(one.metadata): one for one in _own(list_documents(dossier), signed_in.member)}
        self._mine: dict[Key, Outcome] = {}
        self._repeats: list[tuple[Outcome, Outcome]] = []
        self._hashes: dict[str, Outcome] = {}
        self._entries: list[SpoolEntry] = []
        self._pool = ThreadPoolExecutor(IN_PARALLEL, thread_name_prefix="deposit")
        self._under_way: list[tuple[Outcome, int, Future[str]]] = []
        self._held: tuple[Outcome, Signed, memoryview] | None = None

    def close(self) -> None:
        """Stop the uploads and release the locks; the spool stays for the next attempt."""
        self._pool.shutdown(wait=True, cancel_futures=True)
        for entry in self._entries:
            entry.close()

    def take(self, item: Found | Unusable) -> None:
        """Deposit one file, or begin its upload."""
        if isinstance(item, Unusable):
            self.outcomes.append(Outcome(item.name, "", 0, reason=item.reason))
            return
        outcome = Outcome(item.name, item.folder, 0)
        self.outcomes.append(outcome)
        try:
            try:
                self._take(item, outcome)
            except ApiError as error:
                if error.code != "signature_invalid" or not self.dossier.signed_in.catch_up():
                    raise
                self._take(item, outcome)  # its intent was refused, for a roster that is the newest no more
        except (FileFailedError, ApiError, RecordError, OSError) as error:
            outcome.state, outcome.reason = FAILED, _reason(error)

    def finish(self) -> None:
        """Wait for the uploads, then make all documents current by one signed index."""
        self._wait(0)
        if self._held is not None:
            self._send_last(*self._held)
        if self._hashes:
            self.dossier.post_index(add=self._hashes, look=False)
        for outcome in self._hashes.values():
            outcome.state = STORED
            assert outcome.id is not None
            self.dossier.signed_in.pins.see_act(self.dossier.id, Act(DOCUMENT_STORED, outcome.id))
        self.dossier.signed_in.save_pins()
        for entry in self._entries:
            entry.remove()
        for outcome, original in self._repeats:
            outcome.id, outcome.reason = original.id, original.reason
            outcome.state = FAILED if original.state == FAILED else ALREADY

    def _take(self, item: Found, outcome: Outcome) -> None:
        fd, source = open_source(item.path)
        with ExitStack() as stack:
            stack.callback(os.close, fd)
            outcome.size = source.size
            if body_size(source.size) <= SEGMENT_SIZE:
                self._take_small(item, outcome, fd, source)
            else:
                self._take_large(item, outcome, fd, source)

    def _is_known(self, key: Key, outcome: Outcome) -> bool:
        """Whether the same content is stored or uploading under the same name; then record that outcome."""
        known, mine = self._known.get(key), self._mine.get(key)
        if mine is not None and mine is not outcome:
            self._repeats.append((outcome, mine))
        elif known is not None:
            outcome.id, outcome.state = known.id, ALREADY
            self.progress.expect(known.record.size)
            self.progress.advance(known.record.size)
            if known.state != STORED:
                self._hashes[known.record.hash] = outcome
        else:
            self._mine[key] = outcome
            return False
        return True

    def _take_small(self, item: Found, outcome: Outcome, fd: int, source: SourceFile) -> None:
        self._send_held()
        content = read_whole(fd, source)
        check_unchanged(fd, item.path, source)
        key = FileKey()
        body = seal_bytes(content, key)
        measured = measure(content, body)
        if self._is_known((measured.content, item.folder, item.name), outcome):
            return
        intent = new_intent(self.dossier, key, measured.size, self.description.kind_of(item.name))
        signed = sign_document(self.dossier, intent, key, self._wanted(item), source, measured)
        outcome.id = intent.id
        self.progress.expect(measured.size)
        self._held = outcome, signed, body

    def _send_held(self) -> None:
        """Let the small file that was held back go: another comes after it, which may bring the index."""
        if self._held is None:
            return
        outcome, signed, body = self._held
        self._wait(IN_PARALLEL - 1, BYTES_IN_PARALLEL - len(body))
        self._held = None
        self._under_way.append((outcome, len(body), self._pool.submit(self._send, signed, body)))

    def _send(self, signed: Signed, body: memoryview) -> str:
        signed = settled(self.dossier, signed, lambda now: uploads.send_whole(self.api, self.dossier.id, now, body))
        self.progress.advance(len(body))
        return signed.record.hash

    def _send_last(self, outcome: Outcome, signed: Signed, body: memoryview) -> None:
        """Send the last small file together with the index that makes all of the batch current.

        Where the server refuses that index the document is there all the same, and only the next index is sent.
        """
        sent: list[Envelope] = []

        def with_index(now: Signed) -> None:
            def send(index: Envelope) -> dict[str, Any]:
                if sent:
                    return self.dossier.send_index(index)
                try:
                    return uploads.send_whole(self.api, self.dossier.id, now, body, index)
                except ApiError as error:
                    sent.extend([index] if error.code in INDEX_REFUSED else [])
                    raise

            self.dossier.with_index(send, add=[*self._hashes, now.record.hash])

        try:
            signed = settled(self.dossier, signed, with_index)
        except (ApiError, RecordError) as error:
            if sent:
                raise
            outcome.id, outcome.reason = None, _reason(error)
        else:
            self.progress.advance(len(body))
            self._hashes[signed.record.hash] = outcome

    def _wait(self, most: int, size: int = 0) -> None:
        """Wait until at most so many uploads, of so many bytes, are running: memory stays flat."""
        while len(self._under_way) > most or sum(length for _, length, _ in self._under_way) > size:
            outcome, _, future = self._under_way.pop(0)
            try:
                self._hashes[future.result()] = outcome
            except (ApiError, RecordError) as error:
                outcome.id, outcome.reason = None, _reason(error)

    def _take_large(self, item: Found, outcome: Outcome, fd: int, source: SourceFile) -> None:
        if self._may_be_known(item, source) and self._is_known((file_digest(fd), item.folder, item.name), outcome):
            check_unchanged(fd, item.path, source)
            left = self.spool.find(self.dossier.id, source)
            self._entries += [left] if left is not None else []
            return
        wanted, kind = self._wanted(item), self.description.kind_of(item.name)
        file = self._resumed(source, wanted, kind)
        if file is None:
            file = in_parts.begin(self.dossier, self.spool, source, wanted, kind)
            self._entries.append(file.entry)
        outcome.id = file.reserved.id
        self.progress.expect(file.reserved.size)
        try:
            signed, measured = file.send(fd, item.path, self.progress)
        except (ApiError, FileFailedError, RecordError, OSError):
            # It can never be completed: the next attempt begins with a new key and a new id.
            self._entries.remove(file.entry)
            file.entry.remove()
            outcome.id = None
            raise
        self._mine[measured.content, item.folder, item.name] = outcome
        self._hashes[signed.record.hash] = outcome

    def _resumed(self, source: SourceFile, wanted: Wanted, kind: str) -> in_parts.LargeFile | None:
        """The unfinished deposit of this file; None where there is none, or the server removed it meanwhile."""
        file = in_parts.resume(self.dossier, self.spool, source, wanted, kind)
        if file is None:
            return None
        self._entries.append(file.entry)
        if file.goes_on():
            return file
        self._entries.remove(file.entry)
        file.entry.remove()
        return None

    def _may_be_known(self, item: Found, source: SourceFile) -> bool:
        """Whether digesting the file before encryption may save an upload."""
        same = (one.metadata for one in self._known.values())
        listed = any((m.name, m.folder, m.size) == (item.name, item.folder, source.size) for m in same)
        return listed or any((folder, name) == (item.folder, item.name) for _, folder, name in self._mine)

    def _wanted(self, item: Found) -> Wanted:
        return Wanted(item.name, item.folder, self.description.purpose)


def _own(listed: Iterable[Listed], member: str) -> Iterator[Listed]:
    """The known documents: stored ones, and our own complete ones that only the index lacks."""
    both = list(listed)
    yield from (one for one in both if one.state != STORED and one.record.signer == member)
    yield from (one for one in both if one.state == STORED)


def _key(metadata: Metadata) -> Key:
    return metadata.digest, metadata.folder, metadata.name


def _reason(error: Exception) -> str:
    """Why one file failed; raises what none of the others would escape."""
    match error:
        case ApiError() if error.code == "seen_more":
            raise error
        case FileFailedError():
            return error.reason
        case ApiError() | RecordError():
            return error.code
        case _:
            return "disk"
