"""A member's dossiers by name: what changed since this device looked last, over what it verified then (FORMAT.md).

A name is believed that this device read in a signed profile, or another device of the same member, which sealed it as a
label. The server's marks only say what to ask for: whatever was seen before is held against every row.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from vault.boxes import BoxError
from vault.errors import IntegrityError, InvalidInputError
from vault.records import read
from vault.records.encoding import RecordError, from_base64url, to_base64url
from vault.records.types.repair import HEAD, INDEX, PROFILE, Aside
from vault.sdk.audit.ledger import explains_dossier, read_ledger
from vault.sdk.device.list_cache import SHORT, CachedDossier, ListCache, load_list
from vault.sdk.device.names_cache import keep_names_of
from vault.sdk.device.pinned import check_progress
from vault.sdk.dossiers.loading import Renewal, fetch_dossier, open_listed, read_day, renew_wraps
from vault.sdk.dossiers.open_dossier import OpenDossier
from vault.sdk.dossiers.taken import was_taken
from vault.sdk.dossiers.wiping import wipe
from vault.sdk.errors import AnswerError, LinksMissingError, SeenError
from vault.sdk.keys.labels import Label, open_label, seal_label
from vault.sdk.people.session import SignedIn
from vault.sdk.server.answers import mapping

PREFIX = 2
MOST = 1_000_000  # rows of one answer, which its size bounds first
_BUCKET = re.compile(r"[0-9a-f]{2}\Z")
_ROW = ("dossier", "version", "sequence", "index", "destroy_on", "label")


class GoneError(IntegrityError):
    """The server no longer shows a dossier seen before, and no tombstone explains it."""

    code: ClassVar[str] = "unexplained"

    def __init__(self) -> None:
        super().__init__(
            "a dossier that this device has seen is not shown any more, and no tombstone says why",
            advice="Tell the director: it was taken away or hidden, unless you no longer hold it.",
        )


@dataclass(frozen=True, slots=True)
class Doubt:
    """A dossier that does not verify: listed separately, never used.

    `name` is what this device or the member's own label called it, and `seen` the error of a rollback or a fork.
    """

    dossier: str
    reason: str
    name: str | None = None
    seen: SeenError | None = None


@dataclass(frozen=True, slots=True)
class ListedDossier:
    """A dossier in the list. `checked`: this device computed the day from the records; else it is the server's word."""

    id: str
    name: str
    kind: str
    purpose: str
    destroy_on: date | None
    checked: bool


def list_dossiers(signed_in: SignedIn, *, doubts: list[Doubt] | None = None) -> list[ListedDossier]:
    """Every dossier this member holds, sorted by name.

    A dossier that does not verify, is shown as it was before, or vanished without a tombstone, is added to `doubts`;
    without that argument its IntegrityError is raised.
    """
    found = [listed(dossier, row) for dossier, row in look_up(signed_in, doubts).items()]
    return sorted(found, key=lambda one: (one.name.casefold(), one.id))


def look_up(signed_in: SignedIn, doubts: list[Doubt] | None) -> dict[str, CachedDossier]:
    """The same by id, as this device keeps it: for who looks for one among thousands."""
    look = _Look(signed_in, doubts)
    look.follow()
    renew_wraps(signed_in, [each for each in look.renewed if each["dossier"] not in look.doubtful])
    signed_in.save_pins()
    look.save()
    for gone in _vanished(signed_in, {*look.rows, *look.doubtful}):
        look.doubt(gone, GoneError())
    signed_in.save_pins()
    keep_names_of(signed_in.home, signed_in.pins.dossiers)
    return look.rows


def listed(dossier: str, row: CachedDossier) -> ListedDossier:
    """A dossier of the list as it is shown."""
    day, checked = row.day
    return ListedDossier(dossier, row.name, row.kind, row.purpose, None if day is None else read_day(day), checked)


class _Look:
    """One look at the list: the rows that were known, replaced bucket by bucket by what the server shows now."""

    def __init__(self, signed_in: SignedIn, doubts: list[Doubt] | None) -> None:
        self.signed_in = signed_in
        self.doubts = doubts
        self.before: ListCache = load_list(signed_in.home, signed_in.keyring.cache_key)
        self.marks = dict(self.before.marks)
        # A row without its bucket's mark was in doubt, and counts again once the server shows it.
        self.rows = {id_: row for id_, row in self.before.dossiers.items() if id_[:PREFIX] in self.marks}
        self.names = {id_: row.name for id_, row in self.before.dossiers.items()}
        self.unopened: dict[str, CachedDossier] = {}
        self.doubtful: set[str] = set()
        self.redo: set[str] = set()  # buckets
        self.renewed: Renewal = []

    def follow(self) -> None:
        """Take every change; then hold all rows against what this device has seen, also those said to be unchanged."""
        for answer, buckets in self._answers():
            for dossier in [each for each in self.rows if each[:PREFIX] in buckets]:
                del self.rows[dossier]
            for row in read.items(answer, "rows", most=MOST):
                self._take(_fields(row), buckets)
            for item in read.objects(answer, "whole", most=MOST):
                self._take(item, buckets)
        for dossier, row in list(self.rows.items()):
            try:
                _check_seen(self.signed_in, dossier, row)
            except SeenError as error:
                self.doubt(dossier, error)

    def doubt(self, dossier: str, error: Exception) -> None:
        """Set a dossier apart, and have its bucket shown again at the next look.

        Its name is kept: else a server could have another dossier of that name taken for it.
        """
        if self.doubts is None:
            raise error
        lost = isinstance(error, LinksMissingError)  # damage: nothing is shown as it was before
        seen, name = (error if isinstance(error, SeenError) and not lost else None), self.names.get(dossier)
        self.doubts.append(Doubt(dossier, str(error), None if isinstance(error, GoneError) else name, seen))
        self.rows.pop(dossier, None)
        if dossier in self.before.dossiers:
            self.unopened[dossier] = self.before.dossiers[dossier]
        self.doubtful.add(dossier)
        self.redo.add(dossier[:PREFIX])

    def save(self) -> None:
        """Keep what is known now, if anything of it is new."""
        marks = {bucket: mark for bucket, mark in self.marks.items() if bucket not in self.redo}
        rows = {**self.rows, **self.unopened}
        if (rows, marks) != (self.before.dossiers, self.before.marks):
            known = ListCache(rows, marks, self.before.stamp)
            known.save(self.signed_in.home, self.signed_in.keyring.cache_key)

    def _answers(self) -> Iterator[tuple[dict[str, Any], set[str]]]:
        """Each answer with the buckets that it shows; raises AnswerError where they come twice, or for ever."""
        answered: set[str] = set()
        while True:
            answer = self.signed_in.api.post("/dossiers/changes", json={"marks": self.marks})
            shown = {bucket: _mark(mark) for bucket, mark in mapping(answer, "marks").items()}
            if not all(map(_BUCKET.match, shown)) or not answered.isdisjoint(shown):
                raise AnswerError("the server's list is none")
            self.marks = {name: mark for name, mark in {**self.marks, **shown}.items() if mark is not None}
            yield answer, set(shown)
            answered |= set(shown)
            if answer.get("more") is not True:
                return
            if not shown:
                raise AnswerError("the server's list does not end")

    def _take(self, item: dict[str, Any], buckets: set[str]) -> None:
        dossier = read.identifier(item, "dossier")
        if dossier[:PREFIX] not in buckets or dossier in self.rows or dossier in self.doubtful:
            raise AnswerError("the server's list is none")
        pins = self.signed_in.pins
        before = pins.dossiers.get(dossier)
        try:
            row = self._labelled(dossier, item) or self._opened(dossier, item)
            _check_seen(self.signed_in, dossier, row)
        except (IntegrityError, InvalidInputError) as error:
            if isinstance(error, SeenError):
                pins.take_back(dossier, before)
            self.doubt(dossier, error)
        else:
            self.rows[dossier] = self._as_checked(dossier, row)

    def _labelled(self, dossier: str, item: dict[str, Any]) -> CachedDossier | None:
        """The row under its label; None where it has none that opens, or an older head's."""
        if item.get("label") is None:
            return None
        try:
            label = open_label(from_base64url(read.text(item, "label", limit=8192)), self.signed_in.keyring, dossier)
        except (BoxError, RecordError):
            return None
        self.names.setdefault(dossier, label.name)
        row = _row(item, label.name, label.kind, label.purpose)
        if row.version > label.version:
            return None
        check_progress("dossier", (label.version, ""), (row.version, ""))
        profile = self.signed_in.pins.profile_of(dossier)
        if profile is not None:
            entry = Aside(PROFILE, profile.number, profile.hash, dossier)
            check_progress("profile", (profile.number, ""), (label.profile, ""), entry)
        self.signed_in.pins.see_head(dossier, label.version, label.head)
        return row

    def _opened(self, dossier: str, item: dict[str, Any]) -> CachedDossier:
        """The row of a dossier that was opened for it, which gets a label for the next time."""
        whole = "profile" in item
        opened, renewal = open_listed(self.signed_in, item) if whole else fetch_dossier(self.signed_in, dossier)
        if opened.id != dossier:
            raise AnswerError("the server answers another dossier than was asked for")
        if opened.damage is not None:
            raise opened.damage
        self._label(opened, item if whole else {}, renewal)
        value = {**item, "version": opened.heads.newest.version}
        if whole:
            value["destroy_on"] = mapping(item, "retention").get("destroy_on")
        return _row(value, opened.name, opened.kind, opened.purpose)

    def _label(self, opened: OpenDossier, item: dict[str, Any], renewal: Renewal) -> None:
        head = opened.heads.newest
        label = Label(head.version, head.hash, opened.profile.version, opened.kind, opened.name, opened.purpose)
        sealed = to_base64url(seal_label(label, self.signed_in.keyring, opened.id))
        index = read.digest(item, "index") if item else opened.index.hash
        own = renewal[0] if renewal else {"dossier": opened.id, "epoch": opened.epoch}
        self.renewed.append({**own, "label": sealed, "index": index})

    def _as_checked(self, dossier: str, row: CachedDossier) -> CachedDossier:
        """With the day that this device computed, as long as head and index are those of then."""
        before = self.before.dossiers.get(dossier)
        return row if before is None else row.with_check(before)


def _fields(row: Any) -> dict[str, Any]:
    if not isinstance(row, list) or len(row) != len(_ROW):
        raise AnswerError("the server's list is none")
    return dict(zip(_ROW, row, strict=True))


def _mark(value: Any) -> str | None:
    return None if value is None else to_base64url(read.octets({"mark": value}, "mark", 16))


def _row(item: dict[str, Any], name: str, kind: str, purpose: str) -> CachedDossier:
    day = item.get("destroy_on")
    return CachedDossier(
        name,
        kind,
        purpose,
        read.integer(item, "version", least=1),
        read.integer(item, "sequence", least=1),
        read.text(item, "index", limit=64)[:SHORT],
        None if day is None else read_day(day).isoformat(),
    )


def _check_seen(signed_in: SignedIn, dossier: str, row: CachedDossier) -> None:
    """Raise RollbackError or ForkError where the list names less than this device has seen. Nothing is pinned of it."""
    seen, index = signed_in.pins.head_of(dossier), signed_in.pins.index_of(dossier)
    if seen is not None:
        entry = Aside(HEAD, seen.version, seen.head, dossier)
        check_progress("dossier", (seen.version, ""), (row.version, ""), entry)
    if index is not None:
        entry = Aside(INDEX, index.sequence, index.index, dossier)
        check_progress("index", (index.sequence, index.index[:SHORT]), (row.sequence, row.index), entry)


def _vanished(signed_in: SignedIn, shown: set[str]) -> list[str]:
    """The dossiers that vanished unexplained. What a tombstone or a head explains is wiped from this device."""
    pins = signed_in.pins
    missing = {dossier for dossier in set(pins.dossiers) - shown if pins.head_of(dossier) is not None}
    if not missing:
        return []
    explained = {each.tombstone.subject for each in read_ledger(signed_in) if explains_dossier(signed_in, each)}
    explained |= {dossier for dossier in missing - explained if was_taken(signed_in, dossier)}
    for dossier in missing & explained:
        wipe(signed_in, dossier)
    return sorted(missing - explained)
