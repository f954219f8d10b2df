"""One dossier, opened by a holder: its texts and its index (FORMAT.md, "The index" and "Texts")."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from vault.records import read
from vault.records.envelope import Envelope, from_json
from vault.records.types.index import Index
from vault.records.types.profile import Profile, certificate_commitment
from vault.rules.authority import Heads, check_signer
from vault.rules.verdict import Refused
from vault.rules.versions import last_entry, next_entry
from vault.sdk.errors import AnswerError, ApiError, ForkError
from vault.sdk.keys import sealed_text
from vault.sdk.people.session import SignedIn
from vault.sdk.server.api import mapping
from vault.secret import Secret

NONCE_SIZE = 32
INDEX_TRIES = 8
MAX_NAME, MAX_PURPOSE = 200, 2000


@dataclass(frozen=True, slots=True)
class Shown:
    """The server's data of one dossier beside heads and wrap; the profile's signature is verified."""

    profile: Profile
    profile_text: bytes
    destroy_on: date | None


class OpenDossier:
    """An opened dossier of this member; its identity is only in memory."""

    def __init__(
        self,
        signed_in: SignedIn,
        heads: Heads,
        identity: Secret,
        shown: Shown,
        first: Mapping[str, dict[str, Any]] | None = None,
    ) -> None:
        """`first` are the first pages of its lists, by name, where they came with it."""
        self.signed_in = signed_in
        self.heads = heads
        self.identity = identity
        self.text_key = sealed_text.text_key(identity)
        self.profile = shown.profile
        self.destroy_on = shown.destroy_on
        text = self.open_text("profile", heads.newest.id, shown.profile_text, shown.profile.text)
        self.name = read.text(text, "name", limit=MAX_NAME)
        self.purpose = read.text(text, "purpose", limit=MAX_PURPOSE)
        self.nonce = Secret(read.octets(text, "nonce", NONCE_SIZE))
        self._check_commitment(self.nonce)
        self._erased: frozenset[str] = frozenset()
        self._index: Index | None = None
        self._first = dict(first or {})
        self._guard = threading.RLock()

    def __repr__(self) -> str:
        return f"OpenDossier(id={self.id!r})"

    @property
    def id(self) -> str:
        """The dossier's id."""
        return self.heads.newest.id

    @property
    def kind(self) -> str:
        """`client` or `commissioner`."""
        return self.heads.newest.kind

    @property
    def epoch(self) -> int:
        """The number of the dossier's identity."""
        return self.heads.newest.epoch

    @property
    def recipient(self) -> str:
        """The age recipient that the dossier's documents are encrypted to."""
        return self.heads.newest.recipient

    @property
    def index(self) -> Index:
        """The newest index, verified and pinned; fetched at its first use."""
        with self._guard:
            if self._index is None:
                return self.refresh_index()
            return self._index

    def pages(self, name: str) -> Iterator[dict[str, Any]]:
        """Every item of its list `documents` or `records`; a page that came with the dossier serves once."""
        return self.signed_in.api.pages(f"/dossiers/{self.id}/{name}", first=self._first.pop(name, None))

    def seal_text(self, kind: str, subject: str, fields: dict[str, Any]) -> tuple[str, bytes]:
        """The digest for a record of type `kind` and the encrypted text; `subject` is the document's or share's id."""
        return sealed_text.seal_text(
            kind, fields, key=self.text_key, dossier=self.id, epoch=self.epoch, subject=subject
        )

    def open_text(self, kind: str, subject: str, sealed: bytes, digest: str) -> dict[str, Any]:
        """The fields of an encrypted text with this digest in its record; raises IntegrityError or RecordError."""
        return sealed_text.open_text(
            kind, sealed, digest, key=self.text_key, dossier=self.id, epoch=self.epoch, subject=subject
        )

    def accept_index(self, envelope: Envelope) -> Index:
        """Verify (signed by a holder, no older than the pinned one) and pin an index; raises IntegrityError."""
        check_signer(envelope, self.signed_in.rosters, self.heads)
        index = Index.read(envelope)
        with self._guard:
            known = self._index
            following = known is not None and index.sequence == known.sequence + 1
            if following and isinstance(next_entry(index, last_entry(known)), Refused):
                raise ForkError("the server shows an index that does not follow the one before")
            self.signed_in.pins.see_index(self.id, index.sequence, index.hash)
            self._index = index
        return index

    def next_index(self, add: Iterable[str] = (), drop: Iterable[str] = ()) -> Envelope:
        """The index after the newest one, signed: with the record hashes of `add`, without those of `drop`."""
        newest, signed_in = self.index, self.signed_in
        records = (set(newest.records) | set(add)) - set(drop) - self._erased
        return sign_index(signed_in, self.id, newest.sequence + 1, newest.hash, records)

    def with_index(
        self, send: Callable[[Envelope], dict[str, Any]], add: Iterable[str] = (), drop: Iterable[str] = ()
    ) -> dict[str, Any]:
        """The result of `send` for the next index; after a lost race against another device it signs again.

        Raises the errors of `send`. If the answer does not name the accepted index (a repetition accepts none), this
        fetches the newest.
        """
        added, dropped, looked = tuple(add), tuple(drop), False
        with self._guard:
            for attempt in range(INDEX_TRIES):
                envelope = self.next_index(added, dropped)
                try:
                    answer = send(envelope)
                except ApiError as error:
                    if error.code == "record_unknown" and not looked and attempt < INDEX_TRIES - 1:
                        # The newest index may still list records erased meanwhile.
                        looked = self._look_for_erased()
                    elif error.code != "index_stale" or attempt == INDEX_TRIES - 1:
                        raise
                    else:
                        self._take_newest(error)
                else:
                    if answer.get("index") == envelope.hash:
                        self.accept_index(envelope)
                    else:
                        self.refresh_index()
                    self.signed_in.save_pins()
                    return answer
        raise AssertionError("the loop ends in a return or a raise")

    def post_index(self, add: Iterable[str] = (), drop: Iterable[str] = (), *, look: bool = True) -> Index:
        """Make the records of `add` current and those of `drop` not; sends nothing if that is so already.

        Without `look` the index that this command has seen is built on; were it not the newest, the server says so.
        """
        added, dropped = set(add), set(drop)
        with self._guard:
            listed = set((self.refresh_index() if look else self.index).records)
            if not added <= listed or dropped & listed:
                self.with_index(self.send_index, added, dropped)
            return self.index

    def refresh_index(self) -> Index:
        """Fetch, verify and pin the server's newest index."""
        answer = self.signed_in.api.get(f"/dossiers/{self.id}")
        return self.accept_index(from_json(mapping(answer, "index"), "index"))

    def drop_erased(self, records: Iterable[str]) -> None:
        """Leave these record hashes, each explained by a tombstone, out of every later index."""
        self._erased |= frozenset(records)

    def _look_for_erased(self) -> bool:
        from vault.sdk.dossiers.completeness import look_for_erased  # noqa: PLC0415 - it is built on this module

        look_for_erased(self)
        return True

    def send_index(self, envelope: Envelope) -> dict[str, Any]:
        """Send the next index; return the answer; see `with_index`."""
        return self.signed_in.api.post(f"/dossiers/{self.id}/index", json={"index": envelope.to_json()})

    def _take_newest(self, error: ApiError) -> None:
        """Accept the index from a 409 answer; raises unless it is newer than the one built on."""
        before = self.index.sequence
        if self.accept_index(from_json(mapping(error.extra, "index"), "index")).sequence <= before:
            raise AnswerError("the server refuses the next index and shows no newer one") from error

    def _check_commitment(self, nonce: bytes) -> None:
        if certificate_commitment(nonce, self.name) != self.profile.commitment:
            raise AnswerError("the profile's commitment is not to the name it holds")


def sign_index(signed_in: SignedIn, dossier: str, sequence: int, previous: str | None, records: set[str]) -> Envelope:
    """A new index of a dossier, over these record hashes."""
    index = Index(signed_in.standing, dossier, sequence, previous, tuple(sorted(records)), signed_in.now())
    return signed_in.sign("index", index.content())
