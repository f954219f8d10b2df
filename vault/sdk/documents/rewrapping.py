"""What the next identity of a dossier opens: every head, metadata and text, made anew on a director's device.

Bodies, file keys and all that was signed stay as they are: a document's record pins neither head nor box.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from vault.errors import IntegrityError
from vault.records import read
from vault.records.encoding import RecordError, from_base64url, to_base64url
from vault.records.envelope import from_json
from vault.records.table import among_records, subject_of
from vault.sdk.documents.bodies import DamagedDocumentError
from vault.sdk.documents.listing import Listed, Quarantined, identity_of, left_out, list_documents, unlock
from vault.sdk.keys import sealed_text
from vault.secret import Secret

if TYPE_CHECKING:
    from vault.age.hybrid import HybridIdentity
    from vault.age.recipients import Recipient
    from vault.sdk.dossiers.open_dossier import OpenDossier

BATCH_BYTES, BATCH_ITEMS = 1024 * 1024, 500
Item = dict[str, Any]


class LeftBehindError(IntegrityError):
    """New keys would not reach what is damaged: nobody could open it any more, also once it is mended."""

    code: ClassVar[str] = "damaged"

    def __init__(self, names: Iterable[str]) -> None:
        self.names = tuple(names)
        super().__init__(
            f"new keys would not reach what is damaged in this dossier: {', '.join(self.names)}",
            advice="Its keys are the old ones still. Have it put back from a backup, or erase it, then try again; or "
            "leave it behind with --leave-damaged: nobody opens it then, also once it is put back.",
        )


@dataclass(slots=True)
class Rewrapping:
    """One new identity of a dossier, and what was made for it so far: a repetition makes only what is new."""

    dossier: OpenDossier
    identity: HybridIdentity
    seed: Secret
    epoch: int
    leave_damaged: bool = False
    made: dict[str, Item] = field(default_factory=dict)

    @classmethod
    def begin(cls, dossier: OpenDossier, *, leave_damaged: bool) -> Rewrapping:
        """A new identity for the epoch after the present one."""
        from vault.age.hybrid import HybridIdentity  # noqa: PLC0415 - loads `cryptography`

        identity = HybridIdentity.generate()
        return cls(dossier, identity, Secret(identity.seed), dossier.epoch + 1, leave_damaged)

    @property
    def recipient(self) -> str:
        """The new recipient."""
        return self.identity.recipient().to_string()

    @property
    def name(self) -> str:
        """What the identity is called while something is staged under it."""
        return hashlib.sha256(self.recipient.encode()).hexdigest()

    def items(self) -> tuple[list[Item], list[Item]]:
        """Documents and texts, as they are sent; raises LeftBehindError."""
        apart = list[Quarantined]()
        documents = list(self._documents(apart))
        lost = [each for each in apart if each.hidden or each.hash in self.dossier.records]
        texts = list(self._texts(damaged := list[str]()))
        if (lost or damaged) and not self.leave_damaged:
            raise LeftBehindError([*(each.name or each.id for each in lost), *damaged])
        stay = [{"document": each.id, "head": None, "metadata": None} for each in apart if not each.hidden]
        return [*documents, *stay], texts

    def _documents(self, apart: list[Quarantined]) -> Iterator[Item]:
        key, recipient, old = sealed_text.text_key(self.seed), self.identity.recipient(), identity_of(self.dossier)
        for one in list_documents(self.dossier, quarantine=apart):
            if one.hash not in self.made:
                try:
                    self.made[one.hash] = self._document(one, unlock(one, old), recipient, key)
                except DamagedDocumentError as error:
                    apart.append(left_out(one, error))
                    continue
            yield self.made[one.hash]

    def _document(self, one: Listed, file_key: Secret, recipient: Recipient, key: Secret) -> Item:
        from vault.age.header import write_header  # noqa: PLC0415 - as above

        head = write_header(file_key, [recipient]) + one.record.nonce
        box = self._box("document", one.id, one.text, key)
        return {"document": one.id, "head": to_base64url(head), "metadata": to_base64url(box)}

    def _texts(self, damaged: list[str]) -> Iterator[Item]:
        """The texts of all records, also of those that count no more: links that are over keep theirs."""
        key = sealed_text.text_key(self.seed)
        for item in self.dossier.pages("records"):
            record = read.digest(item, "hash")
            if not item.get("text") and "text" not in (item.get("damaged") or ()):
                continue
            if record not in self.made:
                try:
                    self.made[record] = {"record": record, "text": to_base64url(self._text(item, key))}
                except (IntegrityError, RecordError):
                    damaged += [record[:8]] if record in self.dossier.records else []
                    self.made[record] = {"record": record, "text": None}
            yield self.made[record]

    def _text(self, item: Item, key: Secret) -> bytes:
        kind = read.one_of(item, "type", frozenset(among_records()))
        envelope = from_json(read.mapping(item, "record"), kind)
        subject, sealed = subject_of(envelope, kind), from_base64url(read.text(item, "text", limit=32_768))
        text = self.dossier.unseal_text(kind, subject, sealed, read.digest(envelope.fields, "text"))
        return self._box(kind, subject, text, key)

    def _box(self, kind: str, subject: str, text: bytes, key: Secret) -> bytes:
        return sealed_text.box_text(kind, text, key=key, dossier=self.dossier.id, epoch=self.epoch, subject=subject)


def batches(documents: list[Item], texts: list[Item]) -> list[dict[str, list[Item]]]:
    """Both in parts of about a megabyte: one alone where all of it fits into one request."""
    parts = [{"documents": list[Item](), "texts": list[Item]()}]
    size = 0
    for name, items in (("documents", documents), ("texts", texts)):
        for item in items:
            length = sum(len(value) for value in item.values() if value) + 64
            if size and (size + length > BATCH_BYTES or len(parts[-1][name]) >= BATCH_ITEMS):
                parts.append({"documents": [], "texts": []})
                size = 0
            parts[-1][name].append(item)
            size += length
    return parts
