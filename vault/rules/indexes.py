"""How one index of a dossier follows another: what it may add, what may leave and why (FORMAT.md "The index").

The server runs these rules on its rows, a reader on the records that it verified.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from vault.records.encoding import RecordError, format_instant, parse_instant
from vault.records.record import Signed
from vault.records.standing import read_standing
from vault.records.table import Leaves, type_of
from vault.records.types.dossier import Dossier
from vault.records.types.index import ERASED, EXPIRED, REVOKED, SUPERSEDED, Index, Removal
from vault.rules import merkle
from vault.rules.rights import Heads
from vault.rules.verdict import ALLOWED, Refused, Verdict
from vault.rules.versions import Version


class Rooted(Protocol):
    """What states how many records are current, and their root."""

    @property
    def root(self) -> str: ...  # noqa: D102 - the class says it

    @property
    def count(self) -> int: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Known:
    """A record that an index adds or takes out: its type, what it is about, and how it may have ended.

    `revoked` and `expires_at` are a share's; `tombstones` are the hashes of those that say its document was erased.
    `version`, `previous` and `roster` (the version of the one it stands on) are a profile's or a trajectory's.
    """

    name: str
    subject: str
    pending: bool = False
    revoked: bool = False
    expires_at: datetime | None = None
    tombstones: frozenset[str] = frozenset()
    version: int = 0
    previous: str | None = None
    roster: int = 0

    def follows(self, before: Known, hash_: str) -> bool:
        """Whether it is the next version of that record, on no older roster: an old version never comes back."""
        same = (self.name, self.subject) == (before.name, before.subject)
        return same and (self.version, self.previous) == (before.version + 1, hash_) and self.roster >= before.roster


def known_version(known: Known, envelope: Signed) -> Known:
    """The same with what a version says of itself: its number, the one before, and the roster it stands on."""
    record = type_of(known.name).cls.read(envelope)
    assert isinstance(record, Version), "what the index lists by version has one"
    roster = read_standing(envelope.fields).version
    return replace(known, version=record.version, previous=record.previous, roster=roster)


def listed_after(index: Index, before: Collection[str]) -> frozenset[str] | Refused:
    """All that the index lists, given what the one before listed; refused where root or count say otherwise."""
    gone = {each.hash for each in index.removed}
    if not gone <= set(before):
        return Refused("record_unknown")
    if not set(before).isdisjoint(index.added):
        return Refused("conflict")
    after = (frozenset(before) - gone) | frozenset(index.added)
    verdict = has_root(index, after)
    return verdict if isinstance(verdict, Refused) else after


def listed_before(index: Index, after: Collection[str]) -> frozenset[str] | Refused:
    """All that the index before listed, given what this one lists. Whether the one before says so is `has_root`'s."""
    gone = {each.hash for each in index.removed}
    if not set(index.added) <= set(after) or not gone.isdisjoint(after):
        return Refused("root_differs")
    return (frozenset(after) - set(index.added)) | gone


def has_root(index: Rooted, records: Collection[str]) -> Verdict:
    """Whether these are the records that the index lists."""
    same = len(records) == index.count and merkle.root(records) == index.root
    return ALLOWED if same else Refused("root_differs")


def stands_under(index: Index, head: Dossier) -> Verdict:
    """Whether the newest index belongs to the newest head: made under it, or the very one that the head accepts.

    So neither an old head passes with a new index, nor an old index with a new head.
    """
    return ALLOWED if head.hash == index.head or head.index == index.hash else Refused("head_differs")


def holds(index: Index, heads: Heads) -> Verdict:
    """Whether its signer was a holder by the very head that the index stands under."""
    under = next((head for head in heads.chain if head.hash == index.head), None)
    return ALLOWED if under is not None and index.signer in under.holders else Refused("head_differs")


def may_follow(index: Index, before: Collection[str], known: Mapping[str, Known], now: datetime) -> Verdict:
    """Whether the index may follow one that lists `before`, by what is known of all that it adds and takes out."""
    verdicts = [may_add(index, known), *(may_leave(each, index, known, now) for each in index.removed)]
    for verdict in (*verdicts, listed_after(index, before)):
        if isinstance(verdict, Refused):
            return verdict
    return ALLOWED


def may_add(index: Index, known: Mapping[str, Known]) -> Verdict:
    """Whether everything that the index adds is there, of a type that is listed, and in no index yet."""
    for each in index.added:
        record = known.get(each)
        if record is None or not record.pending or not type_of(record.name).listed:
            return Refused("record_unknown")
        if type_of(record.name).versioned and isinstance(_in_its_place(each, record, index), Refused):
            return Refused("record_left_out")
    return ALLOWED


def _in_its_place(hash_: str, record: Known, index: Index) -> Verdict:
    """Whether a version comes in the place of the one before; a first one in the place of nothing.

    A dossier has one profile from its opening on: a second first one would stand beside it.
    """
    if record.version == 1:
        return ALLOWED if type_of(record.name).subject != "dossier" else Refused("record_left_out")
    instead = any((each.why, each.by) == (SUPERSEDED, hash_) for each in index.removed)
    return ALLOWED if instead else Refused("record_left_out")


def may_leave(removal: Removal, index: Index, known: Mapping[str, Known], now: datetime) -> Verdict:
    """Whether a record leaves the index for a reason that holds."""
    record = known.get(removal.hash)
    if record is None:
        return Refused("record_unknown")
    match type_of(record.name).leaves:
        case Leaves.SUPERSEDED:
            newer = known.get(removal.by) if removal.by in index.added else None
            ended = removal.why == SUPERSEDED and newer is not None and newer.follows(record, removal.hash)
        case Leaves.CLOSED:
            ended = _closed(removal, index, record, now)
        case Leaves.ERASED:
            ended = removal.why == ERASED and removal.by in record.tombstones
        case _:
            ended = False
    return ALLOWED if ended else Refused("record_left_out")


def _closed(removal: Removal, index: Index, share: Known, now: datetime) -> bool:
    """Whether a share was revoked by the time the index says, or expired when its record says."""
    try:
        by = parse_instant(removal.by)
    except RecordError:
        return False
    if removal.why == REVOKED:
        return share.revoked and by <= index.at
    expires = share.expires_at
    return removal.why == EXPIRED and expires is not None and format_instant(expires) == removal.by and by <= now
