"""One dossier, opened by a holder: its texts and its index (FORMAT.md, "The index" and "Texts")."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from vault.errors import IntegrityError, VaultError
from vault.records import read
from vault.records.encoding import RecordError
from vault.records.envelope import Envelope, from_json
from vault.records.standing import read_standing
from vault.records.types.index import ERASED, MAX_ADDED, MAX_REMOVED, Index, Removal
from vault.records.types.profile import certificate_commitment
from vault.rules.rights import Heads
from vault.rules.rosters import RosterError
from vault.sdk.device.pin_kinds import profile_mark
from vault.sdk.dossiers.closing import see_listed_terms
from vault.sdk.dossiers.index_chain import IndexChain, IndexRefusedError, read_leaves, read_proof
from vault.sdk.dossiers.next_index import sign_index
from vault.sdk.dossiers.shown import Shown
from vault.sdk.errors import AnswerError, ApiError
from vault.sdk.keys import sealed_text
from vault.sdk.people.session import SignedIn
from vault.sdk.server.answers import mapping
from vault.sdk.server.damage import DamagedError
from vault.secret import Secret

NONCE_SIZE, INDEX_TRIES = 32, 8
MAX_NAME, MAX_PURPOSE = 200, 2000
MAX_ITEMS = 10_000


class OpenDossier:
    """An opened dossier of this member; its identity is only in memory."""

    def __init__(
        self,
        signed_in: SignedIn,
        heads: Heads,
        identity: Secret,
        shown: Shown,
        first: Mapping[str, dict[str, Any]] | None = None,
        *,
        left_behind: bool = False,
    ) -> None:
        """`first` are the first pages of its lists, by name, where they came with it.

        `left_behind`: an index counts that somebody signed who has left since, for who takes the dossier over.
        """
        self.left_behind = left_behind
        self.signed_in = signed_in
        self.heads = heads
        self.identity = identity
        self.text_key = sealed_text.text_key(identity)
        self.profile = shown.profile
        self.destroy_on = shown.destroy_on
        signed_in.pins.check_mark(profile_mark(self.id), self.profile.version, self.profile.hash)
        # Without its profile a dossier goes by its id; what is in it opens all the same.
        self.name, self.purpose, self.nonce, self.damage = self.id, "", None, None
        try:
            self._read_profile(shown.profile_text)
        except (IntegrityError, RecordError) as error:
            self.damage = error
        self._erased: dict[str, str] = {}
        self._chain = IndexChain(self)
        self._first = dict(first or {})
        self._guard = threading.RLock()

    name: str
    purpose: str
    nonce: Secret | None  # None where the profile is damaged
    damage: VaultError | None  # why the profile does not open, where it does not

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
    def guard(self) -> threading.RLock:
        """Held by who seals several things that must be of one identity, while other threads may learn of the next."""
        return self._guard

    @property
    def index(self) -> Index:
        """The newest index, verified and pinned; fetched at its first use."""
        with self._guard:
            return self._chain.newest or self.refresh_index()

    @property
    def records(self) -> frozenset[str]:
        """The hashes of all records that the newest index lists, checked against its root."""
        with self._guard:
            assert self.index is not None
            try:
                return self._chain.records
            except (IndexRefusedError, RosterError) as error:
                if isinstance(error, IndexRefusedError) and error.reason != "head_differs":
                    raise
            self._renew()  # what it lists came with another head or roster
            return self._chain.records

    def pages(self, name: str) -> Iterator[dict[str, Any]]:
        """Every item of its list `documents` or `records`; a page that came with the dossier serves once."""
        return self.signed_in.api.pages(f"/dossiers/{self.id}/{name}", first=self._first.pop(name, None))

    def box_text(self, kind: str, subject: str, text: bytes) -> bytes:
        """The box of a text by the dossier's present identity."""
        return sealed_text.box_text(kind, text, key=self.text_key, dossier=self.id, epoch=self.epoch, subject=subject)

    def open_text(self, kind: str, subject: str, sealed: bytes, digest: str) -> dict[str, Any]:
        """The fields of an encrypted text with this digest in its record; raises IntegrityError or RecordError."""
        return sealed_text.parse_text(self.unseal_text(kind, subject, sealed, digest))

    def unseal_text(self, kind: str, subject: str, sealed: bytes, digest: str) -> bytes:
        """As `open_text`: the text itself, with its salt."""
        return sealed_text.unseal_text(
            kind, sealed, digest, key=self.text_key, dossier=self.id, epoch=self.epoch, subject=subject
        )

    def accept_index(self, envelope: Envelope) -> Index:
        """Take the newest index that the server shows, and every one on the way to it; raises IntegrityError."""
        with self._guard:
            return self._chain.take(envelope)

    def accept_leaves(self, answer: dict[str, Any]) -> Index:
        """As `accept_index`, of an index that came with all that it lists."""
        with self._guard:
            records = self._first.get("records", {})  # the index may ask for them, and they serve once
            index = self._chain.take(*read_leaves(answer))
            if self.profile.hash in self._chain.records:
                self._see_profile()
            if records.get("next") is None:
                see_listed_terms(self, read.objects({"items": [], **records}, "items", most=MAX_ITEMS))
            return index

    def accept_proof(self, answer: dict[str, Any], record: str) -> bool:
        """Take the newest index of an answer, and whether it lists the record: by the answer's proof if need be.

        That it does not is the server's word, unless all that the index lists is known here.
        """
        with self._guard:
            self._chain.take(from_json(mapping(answer, "index"), "index"))
            listed = self._chain.take_proof(record, read_proof(answer))
            if listed and record == self.profile.hash:
                self._see_profile()
            return listed

    def _see_profile(self) -> None:
        """Pin a profile that the index lists: no older one passes any more, in a list without an index either."""
        mark = profile_mark(self.id)
        self.signed_in.pins.see_mark(mark, self.profile.version, self.profile.hash)

    def move_to(self, heads: Heads, index: Envelope, records: frozenset[str], identity: Secret | None = None) -> None:
        """Go on under a head that was signed here and accepted with its first index, which lists these records."""
        with self._guard:
            self.heads = heads
            if identity is not None:
                self.identity, self.text_key = identity, sealed_text.text_key(identity)
            self.signed_in.pins.see_head(self.id, heads.newest.version, heads.newest.hash)
            self._chain.take_own(index, records)
            self.signed_in.save_pins()

    def become(self, fresh: OpenDossier) -> None:
        """Go on as the same dossier that was fetched anew: another head, perhaps another identity."""
        with self._guard:
            self.heads, self.identity, self.text_key = fresh.heads, fresh.identity, fresh.text_key
            self.profile, self.destroy_on = fresh.profile, fresh.destroy_on
            self.name, self.purpose, self.nonce = fresh.name, fresh.purpose, fresh.nonce
            self.damage, self._first = fresh.damage, {}
            self._chain = fresh._chain.of(self)

    def next_index(self, add: Iterable[str] = (), drop: Iterable[Removal] = ()) -> Envelope:
        """The index after the newest one, signed: with the record hashes of `add`, without those of `drop`."""
        return self._next(add, drop)[0]

    def _next(self, add: Iterable[str], drop: Iterable[Removal]) -> tuple[Envelope, frozenset[str]]:
        """The next index and what it lists. What was erased leaves it by the way."""
        listed = self.records  # first: what is fetched for it may be of a newer index than was known
        newest = self.index
        erased = [Removal(hash_, ERASED, tombstone) for hash_, tombstone in sorted(self._erased.items())]
        gone = {each.hash: each for each in (*erased[: MAX_REMOVED // 2], *drop) if each.hash in listed}
        added = frozenset(add) - listed
        removed = tuple(gone[hash_] for hash_ in sorted(gone))
        envelope = sign_index(self.signed_in, self.heads.newest, newest, listed, added=added, removed=removed)
        return envelope, (listed - set(gone)) | added

    def with_index(
        self, send: Callable[[Envelope], dict[str, Any]], add: Iterable[str] = (), drop: Iterable[Removal] = ()
    ) -> dict[str, Any]:
        """The result of `send` for the next index; after a lost race against another device it signs again.

        Raises what `send` raises; AnswerError when the server says done and lists nothing of it. An answer that does
        not name the index it took (a repeat is answered without taking one) makes this fetch the newest.
        """
        added, dropped = frozenset(add), tuple(drop)
        with self._guard:
            for attempt in range(INDEX_TRIES):
                envelope, records = self._next(added, dropped)
                try:
                    answer = send(envelope)
                except ApiError as error:
                    if attempt == INDEX_TRIES - 1 or not self._may_repeat(error):
                        raise
                else:
                    if answer.get("index") == envelope.hash:
                        self._chain.take_own(envelope, records)
                    else:
                        self.refresh_index()
                    self.signed_in.save_pins()
                    if not added <= self.records:
                        raise AnswerError("the server says that it took what its index does not list")
                    return answer
        raise AssertionError("the loop ends in a return or a raise")

    def post_index(self, add: Iterable[str] = (), drop: Iterable[Removal] = (), *, look: bool = True) -> Index:
        """Make the records of `add` current and those of `drop` not; nothing is sent when that is already so.

        Without `look` the index that this command has seen is built on; were it not the newest, the server says so.
        """
        wanted, dropped = set(add), tuple(drop)
        with self._guard:
            if look:
                self.refresh_index()
            while True:
                missing = sorted(wanted - self.records)[:MAX_ADDED]
                left = [each for each in dropped if each.hash in self.records]
                if not missing and not left:
                    return self.index
                self.with_index(self.send_index, missing, left)

    def refresh_index(self) -> Index:
        """Fetch, verify and pin the server's newest index."""
        answer = self.signed_in.api.get(f"/dossiers/{self.id}")
        envelope = from_json(mapping(answer, "index"), "index")
        if read_standing(envelope.fields).version > self.signed_in.standing.version:
            self.signed_in.refresh()
        if read.digest(envelope.fields, "head") in {head.hash for head in self.heads.chain}:
            return self.accept_index(envelope)
        self._renew()
        return self.index

    def _renew(self) -> None:
        """Go on under the newest head, which another device signed since."""
        from vault.sdk.dossiers.loading import renew  # noqa: PLC0415 - it makes what this is

        renew(self)

    def drop_erased(self, records: Mapping[str, str]) -> None:
        """Leave these record hashes out of every index to come, each explained by the tombstone of that hash."""
        self._erased = {**self._erased, **records}

    def send_index(self, envelope: Envelope) -> dict[str, Any]:
        """Send the next index; return the answer; see `with_index`."""
        return self.signed_in.api.post(f"/dossiers/{self.id}/index", json={"index": envelope.to_json()})

    def _may_repeat(self, error: ApiError) -> bool:
        """Whether another device was first: with an index, a head or a roster, which is taken now."""
        if error.code == "signature_invalid":
            return self.signed_in.catch_up()
        if error.code == "index_stale":
            self._take_newer(error)
        return error.code == "index_stale"

    def _take_newer(self, error: ApiError) -> None:
        """Fetch the index that came before ours; raises when there is none newer than the one that was built on."""
        before = self.index.sequence
        if self.refresh_index().sequence <= before:
            raise AnswerError("the server refuses the next index and shows no newer one") from error

    def _read_profile(self, sealed: bytes | None) -> None:
        """Name, purpose and nonce, all of them or none; raises IntegrityError, RecordError."""
        if sealed is None:
            raise DamagedError(("profile",))
        text = self.open_text("profile", self.id, sealed, self.profile.text)
        name, purpose = read.text(text, "name", limit=MAX_NAME), read.text(text, "purpose", limit=MAX_PURPOSE)
        nonce = Secret(read.octets(text, "nonce", NONCE_SIZE))
        if certificate_commitment(nonce, name) != self.profile.commitment:
            raise AnswerError("the profile's commitment is not to the name it holds")
        self.name, self.purpose, self.nonce = name, purpose, nonce
