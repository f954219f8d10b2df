"""The index of one dossier as this device follows it: no link unseen, none that does not follow (FORMAT.md).

From the newest link that was seen to the newest one shown, every link is verified, and the roots of all of them by what
the newest lists: taken back link by link, it must give the root that this device has pinned. A device that saw none
begins with the newest and what it lists. Links that are not shown whole end the way, until a director's repair names
them (`vault.rules.following`).
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, ClassVar

from vault.errors import IntegrityError
from vault.records import read
from vault.records.encoding import RecordError, from_base64url
from vault.records.envelope import Envelope, SignatureError, from_json
from vault.records.types.index import Index
from vault.records.types.repair import INDEX, LINK, Aside
from vault.rules import merkle
from vault.rules.following import LinksMissing, RefusedLink, Way, follow, taken_back
from vault.rules.indexes import has_root, holds, listed_after, stands_under
from vault.rules.rights import check_signer, in_force
from vault.rules.rosters import RosterError
from vault.rules.verdict import Refused, Verdict
from vault.sdk.device.pin_kinds import SeenIndex
from vault.sdk.device.pinned import check_progress
from vault.sdk.dossiers.removals import check_removals
from vault.sdk.errors import ForkError, LinksMissingError, QuarantineError
from vault.sdk.server.answers import mapping

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vault.sdk.dossiers.open_dossier import OpenDossier

HASH_SIZE = 32
MAX_LEAVES = 64 * 1024 * 1024
_TELL = "Nothing was changed. Do not go on: tell the director, and keep this device as it is."


class IndexRefusedError(IntegrityError):
    """An index that the server shows does not hold; `reason` is the rule's word for it."""

    code: ClassVar[str] = "index_invalid"

    def __init__(self, message: str, reason: str = "root_differs") -> None:
        super().__init__(message, advice=_TELL)
        self.reason = reason


class IndexChain:
    """What this device verified of a dossier's index: the newest link, and all that it lists once that was fetched."""

    def __init__(self, dossier: OpenDossier) -> None:
        self._dossier = dossier
        self._newest: Index | None = None
        self._records: frozenset[str] | None = None

    def of(self, dossier: OpenDossier) -> IndexChain:
        """The same, for that dossier to go on with."""
        other = IndexChain(dossier)
        other._newest, other._records = self._newest, self._records
        return other

    @property
    def newest(self) -> Index | None:
        """The newest link, None before the first was taken."""
        return self._newest

    @property
    def records(self) -> frozenset[str]:
        """The hashes of all current records; fetched when they are first asked for, and checked against the root."""
        if self._records is None:
            self.take(*self._fetch_leaves())
        assert self._records is not None
        return self._records

    def take(self, envelope: Envelope, leaves: frozenset[str] | None = None) -> Index:
        """Take the newest link that the server shows, and all on the way to it; `leaves` is what it lists.

        Raises RollbackError, ForkError, LinksMissingError, QuarantineError, UnexplainedError; IndexRefusedError when it
        does not hold.
        """
        seen, index = self._seen(), verified_link(self._dossier, envelope)
        if seen is not None:
            check_progress("index", (seen.sequence, seen.index), (index.sequence, index.hash), self._entry(seen))
        moved = seen is not None and seen.sequence < index.sequence
        if moved and self._records is None and leaves is None:
            return self._take_whole(index)
        way = self._way(seen, index) if moved and seen is not None else Way()
        if leaves is None and not way.whole:
            return self._take_whole(index)  # what the lost links changed is known to nobody
        records = self._listed(seen, index, way, leaves)
        check_removals(self._dossier, way.links)
        pinned = seen is not None and seen.index == index.hash
        self._check_newest(index, pinned=pinned or self._dossier.left_behind)
        self._dossier.signed_in.hear(*way.links, index)
        return self._keep(index, records)

    def _take_whole(self, index: Index) -> Index:
        """Take the newest link with all that it lists, which may be newer than the one that was shown before."""
        envelope, leaves = self._fetch_leaves()
        newer = verified_link(self._dossier, envelope)
        check_progress("index", (index.sequence, index.hash), (newer.sequence, newer.hash))
        return self.take(envelope, leaves)

    def take_proof(self, record: str, proof: merkle.Proof | None) -> bool:
        """Whether the newest link that was taken lists the record: by what is known of it, else by the proof.

        Without a proof that is no more than the server's word. Raises IndexRefusedError for one that does not hold.
        """
        if self._records is not None:
            return record in self._records
        assert self._newest is not None
        if proof is not None and not merkle.proves(proof, record, self._newest.root, self._newest.count):
            raise IndexRefusedError("the server proves by another root than the index states")
        return proof is not None

    def take_own(self, envelope: Envelope, records: frozenset[str]) -> Index:
        """Take a link that was signed here on the newest one, and accepted; `records` is what it lists."""
        return self._keep(Index.read(envelope), records)

    def _seen(self) -> SeenIndex | None:
        if self._newest is not None:
            return SeenIndex.of(self._newest)
        return self._dossier.signed_in.pins.index_of(self._dossier.id)

    def _keep(self, index: Index, records: frozenset[str] | None) -> Index:
        self._dossier.signed_in.pins.see_index(self._dossier.id, SeenIndex.of(index))
        self._newest, self._records = index, records
        return index

    def _way(self, seen: SeenIndex, newest: Index) -> Way:
        """Every link after the one that was seen, the newest last."""
        way = follow_shown(self._dossier, seen, newest)
        match way:
            case Way():
                return way
            case LinksMissing():
                raise self._missing(way, seen, newest)
            case RefusedLink(reason="forked"):
                raise ForkError(
                    f"the server shows another index {way.number} of this dossier than follows the one that this "
                    f"device has seen: {seen.count} records are listed there, {newest.count} here",
                    advice=_TELL,
                    seen=self._entry(seen),
                )
            case RefusedLink(reason="head_differs"):
                raise IndexRefusedError("an index stands under an older head than the one before it", way.reason)
        raise IndexRefusedError("an index stands on an older roster than the one before it", way.reason)

    def _missing(self, gap: LinksMissing, seen: SeenIndex, newest: Index) -> LinksMissingError:
        last = Aside(LINK, gap.last, gap.hash, self._dossier.id)
        return LinksMissingError(last, self._dossier.name, first=gap.first, ends=(seen.sequence, newest.sequence))

    def _entry(self, seen: SeenIndex) -> Aside:
        return Aside(INDEX, seen.sequence, seen.index, self._dossier.id)

    def _fetch_leaves(self) -> tuple[Envelope, frozenset[str]]:
        return read_leaves(self._dossier.signed_in.api.get(f"/dossiers/{self._dossier.id}/leaves"))

    def _listed(
        self, seen: SeenIndex | None, index: Index, way: Way, leaves: frozenset[str] | None
    ) -> frozenset[str] | None:
        """What the newest link lists: by what was known before it, else `leaves` held to its root and to the pin's."""
        if way.links and way.whole and self._records is not None:
            return self._forward(way)
        if leaves is None:
            return self._records
        _demand(has_root(index, leaves), "the server shows other records than the index lists")
        back = taken_back(way, seen, leaves) if seen is not None else None
        if isinstance(back, RefusedLink):
            raise IndexRefusedError(f"index {back.number} of this dossier does not follow", back.reason)
        return leaves

    def _forward(self, way: Way) -> frozenset[str]:
        """What the last link lists, from what was verified before the first."""
        assert self._records is not None
        records = self._records
        for link in way.links:
            after = listed_after(link, records)
            if isinstance(after, Refused):
                raise IndexRefusedError(f"index {link.sequence} does not list what it says", after.reason)
            records = after
        return records

    def _check_newest(self, index: Index, *, pinned: bool) -> None:
        _demand(stands_under(index, self._dossier.heads.newest), "the index and the dossier's head are not of one time")
        if isinstance(in_force(index.signer, self._dossier.signed_in.rosters, pinned=pinned), Refused):
            raise QuarantineError("index")


def follow_shown(dossier: OpenDossier, seen: SeenIndex, newest: Index) -> Way | Refused:
    """The way from one link to the newest over those that the server shows, and those that a repair passes over."""
    shown = () if newest.sequence == seen.sequence + 1 else _shown_links(dossier, seen.sequence)
    return follow(seen, shown, newest, dossier.heads, dossier.signed_in.pins.passed(dossier.id))


def _shown_links(dossier: OpenDossier, after: int) -> Iterator[Index]:
    """The links that the server shows and that verify: one that does not is as good as not shown."""
    for item in dossier.signed_in.api.pages(f"/dossiers/{dossier.id}/indexes", after=str(after)):
        with suppress(RecordError, RosterError, SignatureError, IndexRefusedError):
            yield verified_link(dossier, from_json(item, "index"))


def verified_link(dossier: OpenDossier, envelope: Envelope) -> Index:
    """A link that somebody signed who held the dossier under the head that it names."""
    check_signer(envelope, dossier.signed_in.rosters, dossier.heads)
    index = Index.read(envelope)
    _demand(holds(index, dossier.heads), "an index by somebody who does not hold the dossier")
    return index


def read_proof(answer: dict[str, Any]) -> merkle.Proof | None:
    """An inclusion proof as the server shows it; None where it shows none. Nothing is verified yet."""
    if answer.get("proof") is None:
        return None
    said = mapping(answer, "proof")
    raw = from_base64url(said["path"]) if said.get("path") == "" else from_base64url(read.text(said, "path"))
    if len(raw) % HASH_SIZE:
        raise RecordError("a proof's path is nodes of 32 bytes")
    path = tuple(raw[at : at + HASH_SIZE] for at in range(0, len(raw), HASH_SIZE))
    return merkle.Proof(read.integer(said, "position"), path)


def read_leaves(answer: dict[str, Any]) -> tuple[Envelope, frozenset[str]]:
    """The newest index and all that it lists, as the server shows them: nothing is verified yet."""
    raw = from_base64url(read.text(answer, "leaves", limit=MAX_LEAVES))
    leaves = frozenset(raw[at : at + HASH_SIZE].hex() for at in range(0, len(raw), HASH_SIZE))
    return from_json(mapping(answer, "index"), "index"), leaves


def _demand(verdict: Verdict, otherwise: str) -> None:
    if isinstance(verdict, Refused):
        raise IndexRefusedError(otherwise, verdict.reason)
