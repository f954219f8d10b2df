"""A large file's deposit: reserved by a signed intent, sent while it is encrypted, then signed (decision 0026).

Nothing of the ciphertext is kept on this machine. What is needed to go on after an interruption lies in the spool: the
intent, the head that holds the file key, and the journal of what was encrypted under it. A source that is another than
the one that was begun gets a new document id, key and nonce.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from vault.age.errors import AgeError
from vault.age.stream import body_size
from vault.records.encoding import RecordError
from vault.sdk.device.progress import Progress
from vault.sdk.device.source_file import SourceFile
from vault.sdk.device.spool import Spool, SpoolEntry, Ticket, Wanted
from vault.sdk.documents import uploads
from vault.sdk.documents.bodies import DamagedDocumentError
from vault.sdk.documents.listing import SUITE
from vault.sdk.documents.sealing import FileKey, Measured, SealedFile, check_unchanged
from vault.sdk.documents.signing import Signed, new_head, new_intent, sign_document, signed_again
from vault.sdk.errors import AnswerError, ApiError
from vault.secret import Secret

if TYPE_CHECKING:
    from vault.sdk.dossiers.open_dossier import OpenDossier

ROUNDS = 3


class LargeFile:
    """One large file on its way into a dossier; its entry in the spool is locked by this process."""

    def __init__(self, dossier: OpenDossier, entry: SpoolEntry, key: FileKey, *, resumed: bool) -> None:
        assert entry.ticket is not None
        self.entry, self._ticket = entry, entry.ticket
        self.reserved = entry.ticket.reserved
        self._dossier, self._key, self._resumed = dossier, key, resumed

    def send(self, fd: int, path: Path, progress: Progress) -> tuple[Signed, Measured]:
        """Reserve, encrypt and send, sign and complete; return what was signed, and what was measured.

        One that is resumed is not reserved again: `goes_on` has done it.

        Raises FileFailedError and ApiError for a deposit that can never be completed, UnavailableError for one that
        the same call resumes.
        """
        api, document, source = self._dossier.signed_in.api, self.reserved.id, self._ticket.source
        if not self._resumed:
            self._reserve()
        there = uploads.arrived(api, document) if self._resumed else {}
        signed: Signed | None = None
        for attempt in range(ROUNDS):
            sealed = SealedFile(fd, source, self._key, self.entry.claims)
            segments = uploads.send_segments(api, document, sealed, there, progress)
            check_unchanged(fd, path, source)
            measured = Measured(source.size, sealed.content, self.reserved.size, segments)
            signed, missing = self._complete(signed or self._sign(measured))
            if not missing:
                return signed, measured
            if attempt == ROUNDS - 1 or not set(missing) <= set(range(len(segments))):
                raise AnswerError("the server asks for segments that it has, or that there are not")
            there = {number: digest.hex() for number, digest in enumerate(segments) if number not in missing}
            progress.advance(-self.reserved.size)
        raise AssertionError("the loop ends in a return or a raise")

    def goes_on(self) -> bool:
        """Whether the server still has the deposit: of one that was abandoned it has destroyed the key.

        Such a document can never be made again under its id. Raises ApiError, UnavailableError.
        """
        try:
            self._reserve()
        except ApiError as error:
            if error.code == "not_found":
                return False
            raise
        return True

    def _reserve(self) -> None:
        uploads.reserve(self._dossier.signed_in.api, self._dossier.id, self._ticket.intent)

    def _complete(self, signed: Signed) -> tuple[Signed, list[int]]:
        """Signed once: a repeated completion must bring the same record, unless that was refused for its roster."""
        for _ in range(ROUNDS):
            try:
                return signed, uploads.complete(self._dossier.signed_in.api, self.reserved.id, signed)
            except ApiError as error:
                signed = signed_again(self._dossier, signed, error)
        return signed, uploads.complete(self._dossier.signed_in.api, self.reserved.id, signed)

    def _sign(self, measured: Measured) -> Signed:
        ticket = self._ticket
        return sign_document(self._dossier, self.reserved, self._key, ticket.wanted, ticket.source, measured)


def begin(dossier: OpenDossier, spool: Spool, source: SourceFile, wanted: Wanted, kind: str) -> LargeFile:
    """A new document with a new key; nothing is sent yet. Raises UnavailableError, OSError."""
    signed_in, key = dossier.signed_in, FileKey()
    intent = new_intent(dossier, key, body_size(source.size), kind)
    envelope = signed_in.sign("intent", intent.content())
    entry = spool.begin(intent.id)
    try:
        # To herself: it opens whatever identity the dossier has by then.
        spool.keep(entry, Ticket(envelope, new_head(signed_in.keyring.recipient, key), wanted, source, signed_in.now()))
    except BaseException:
        entry.remove()
        raise
    return LargeFile(dossier, entry, key, resumed=False)


def resume(dossier: OpenDossier, spool: Spool, source: SourceFile, wanted: Wanted, kind: str) -> LargeFile | None:
    """The unfinished deposit of this file, in its present state, under this description; None when there is none.

    One that does not fit any more, or does not open, is removed.
    """
    entry = spool.find(dossier.id, source)
    if entry is None or entry.ticket is None:
        return None
    try:
        key = _file_key(dossier, entry.ticket)
        if (entry.ticket.wanted, entry.ticket.reserved.kind) == (wanted, kind):
            return LargeFile(dossier, entry, key, resumed=True)
    except (AgeError, RecordError, DamagedDocumentError):
        pass  # damaged
    entry.remove()
    return None


def _file_key(dossier: OpenDossier, ticket: Ticket) -> FileKey:
    """The file key from the ticket's head, bound to its intent; raises AgeError, DamagedDocumentError."""
    from vault.age.head import Head  # noqa: PLC0415 - loads `cryptography`
    from vault.age.header import unwrap  # noqa: PLC0415

    head, reserved = Head.parse(ticket.head), ticket.reserved
    own = dossier.signed_in.keyring.age_identity
    key = FileKey(Secret(unwrap(head.parsed(), [own], expect=SUITE)), reserved.nonce)
    if head.nonce != reserved.nonce or key.commitment != reserved.commitment:
        raise DamagedDocumentError("its key")
    return key
