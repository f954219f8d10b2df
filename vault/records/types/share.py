"""The share record: a link's documents, its number of pick-ups, its expiry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from vault.records.encoding import RecordError
from vault.records.fields import At, Hash, Id, Instant, Key, Listed, whole, word
from vault.records.seen import MemberRecord
from vault.records.standing import StandsOn

COPY, DISCLOSURE = "copy", "disclosure"
KINDS = frozenset({COPY, DISCLOSURE, "review", "drop", "client"})
PLAIN, PASSPHRASE, LOCATOR = "plain", "passphrase", "locator"
MODES = frozenset({PLAIN, PASSPHRASE, LOCATOR})
MAX_DOCUMENTS = 500
MAX_PICKUPS = 10_000


@dataclass(frozen=True, slots=True)
class SharedDocument:
    """A document: its id and its record's hash."""

    id: Annotated[Id, At("document")]
    hash: Annotated[Hash, At("record")]


@dataclass(frozen=True, slots=True)
class Share(MemberRecord):
    """`possess` and `open`: SHA-256 of the link's proofs; `key`: verifies the link's signatures; `text`: encrypted."""

    standing: StandsOn
    dossier: Id
    id: Annotated[Id, At("share")]
    kind: Annotated[str, word(KINDS)]
    documents: Annotated[tuple[SharedDocument, ...], Listed(0, MAX_DOCUMENTS)]
    expires_at: Instant
    max: Annotated[int, whole(1, MAX_PICKUPS)]
    consent: Hash | None
    mode: Annotated[str, word(MODES)]
    key: Key
    possess: Annotated[Key, At("proofs.possess")]
    open: Annotated[Key, At("proofs.open")]
    text: Hash
    at: Instant

    def check(self) -> None:
        """Raise RecordError for a duplicate document."""
        if len({document.id for document in self.documents}) != len(self.documents):
            raise RecordError("a document stands twice in the share")
