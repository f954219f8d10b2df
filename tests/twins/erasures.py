"""Erasures, what is due, the removal of rows, heartbeats; contracts are those of `vault.ports.erasures.ErasureStore`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from tests.twins.rows import Rows, kept, refer, to_second
from vault.domain.dossiers import DocumentState, DossierRow, last_lease, object_name
from vault.domain.erasures import ERASURE_TRANSITIONS, OVER, CheckRow, ErasureRow, ErasureState
from vault.domain.transitions import sources
from vault.ports.errors import ConflictError
from vault.ports.keystore import Subject, SubjectKind

K = TypeVar("K")
V = TypeVar("V")


class MemoryErasureStore(Rows):
    """Implements `vault.ports.erasures.ErasureStore`."""

    def add_erasure(self, erasure: ErasureRow) -> None:
        if erasure.id in self._tables.erasure:
            raise ConflictError("there is an erasure with this id already")
        self._tables.erasure[erasure.id] = kept(erasure)

    def erasure(self, erasure: str) -> ErasureRow | None:
        return self._tables.erasure.get(erasure)

    def erasures_of(self, dossier: str) -> list[ErasureRow]:
        mine = (erasure for erasure in self._tables.erasure.values() if erasure.dossier == dossier)
        return sorted(mine, key=lambda erasure: erasure.id)

    def open_erasures(self, now: datetime, limit: int) -> list[ErasureRow]:
        moment = to_second(now)
        erasures = self._tables.erasure.values()
        open_ = (erasure for erasure in erasures if erasure.state not in OVER and erasure.not_before <= moment)
        return sorted(open_, key=lambda erasure: (erasure.not_before, erasure.id))[:limit]

    def erasures_ahead(self, after: datetime, limit: int) -> list[ErasureRow]:
        moment = to_second(after)
        asked = (row for row in self._tables.erasure.values() if row.state is ErasureState.REQUESTED)
        ahead = [row for row in asked if row.requested_at > moment and row.not_before > moment]
        return sorted(ahead, key=lambda erasure: (erasure.not_before, erasure.id))[:limit]

    def reschedule_erasure(self, erasure: str, requested_at: datetime, not_before: datetime) -> bool:
        row = self._tables.erasure.get(erasure)
        if row is None or row.state is not ErasureState.REQUESTED:
            return False
        self._tables.erasure[erasure] = kept(replace(row, requested_at=requested_at, not_before=not_before))
        return True

    def advance_erasure(self, erasure: ErasureRow) -> bool:
        row = self._tables.erasure.get(erasure.id)
        if row is None or row.state not in sources(ERASURE_TRANSITIONS, erasure.state):
            return False
        self._tables.erasure[erasure.id] = kept(erasure)
        return True

    def withdraw_erasure(self, erasure: str) -> bool:
        row = self._tables.erasure.get(erasure)
        return row is not None and self.advance_erasure(replace(row, state=ErasureState.WITHDRAWN))

    def add_check(self, check: CheckRow) -> bool:
        refer(self._tables.erasure, check.erasure, "erasure")
        added = self._tables.certificate_check.setdefault((check.erasure, check.member), check)
        return added is check

    def checks_of(self, erasure: str) -> list[CheckRow]:
        mine = (check for check in self._tables.certificate_check.values() if check.erasure == erasure)
        return sorted(mine, key=lambda check: check.member)

    def due_dossiers(self, now: datetime, limit: int) -> list[DossierRow]:
        moment = to_second(now)
        due = [
            (dossier.destroy_on, dossier.id, dossier)
            for dossier in self._tables.dossier.values()
            if dossier.destroy_on is not None and dossier.destroy_on <= moment and not dossier.fenced
        ]
        return [dossier for _, _, dossier in sorted(due, key=lambda row: row[:2])[:limit]]

    def set_destroy_on(self, dossier: str, destroy_on: datetime | None) -> None:
        row = self._tables.dossier.get(dossier)
        if row is not None:
            self._tables.dossier[dossier] = kept(replace(row, destroy_on=destroy_on))

    def fence_dossier(self, dossier: str) -> None:
        row = self._tables.dossier.get(dossier)
        if row is not None:
            self._tables.dossier[dossier] = replace(row, fenced=True)

    def live_deposits(self, dossier: str, now: datetime, documents: Sequence[str] = ()) -> int:
        moment, named = to_second(now), set(documents)
        return sum(
            moment < document.leased_until <= last_lease(moment)
            for document in self._tables.document.values()
            if document.dossier == dossier and (not named or document.id in named)
        )

    def remove_shares(self, dossier: str) -> None:
        mine = {share.id for share in self._tables.share.values() if share.dossier == dossier}
        _remove(self._tables.entry, lambda entry: entry.share in mine)
        _remove(self._tables.pickup, lambda pickup: pickup.share in mine)
        _remove(self._tables.share, lambda share: share.id in mine)

    def remove_dossier(self, dossier: str) -> None:
        self.remove_shares(dossier)
        mine = {document.id for document in self._tables.document.values() if document.dossier == dossier}
        _remove(self._tables.segment, lambda segment: segment.document in mine)
        _remove(self._tables.entry, lambda entry: entry.document in mine)
        _remove(self._tables.document, lambda document: document.id in mine)
        _remove(self._tables.record, lambda record: record.dossier == dossier)
        _remove(self._tables.index_link, lambda link: link.dossier == dossier)
        for key in [key for key in self._tables.listed if key[0] == dossier]:
            del self._tables.listed[key]
        _remove(self._tables.wrap, lambda wrap: wrap.dossier == dossier)
        _remove(self._tables.staged, lambda row: row.dossier == dossier)
        self._tables.dossier.pop(dossier, None)

    def stored_segments(self, *, after: str = "", limit: int = 1000) -> list[str]:
        documents = self._tables.document
        names = (
            object_name(documents[segment.document].dossier, segment.document, segment.number)
            for segment in self._tables.segment.values()
            if documents[segment.document].state is DocumentState.STORED
        )
        return sorted(name for name in names if name > after)[:limit]

    def note_orphans(self, names: Sequence[str], now: datetime) -> None:
        for name in names:
            self._tables.orphan.setdefault(name, to_second(now))

    def orphans(self, before: datetime, limit: int) -> list[str]:
        moment = to_second(before)
        old = sorted((seen_at, name) for name, seen_at in self._tables.orphan.items() if seen_at < moment)
        return [name for _, name in old[:limit]]

    def keep_orphans(self, names: Sequence[str], until: datetime) -> None:
        for name in names:
            self._tables.orphan[name] = to_second(until)

    def kept_orphans(self, now: datetime, limit: int) -> list[str]:
        moment = to_second(now)
        return sorted(name for name, seen_at in self._tables.orphan.items() if seen_at > moment)[:limit]

    def forget_orphans(self, names: Sequence[str] | None = None) -> None:
        for name in list(self._tables.orphan) if names is None else names:
            self._tables.orphan.pop(name, None)

    def without_row(self, subjects: Sequence[Subject]) -> list[Subject]:
        rows = {
            SubjectKind.DOSSIER: self._tables.dossier,
            SubjectKind.DOCUMENT: self._tables.document,
            SubjectKind.SHARE: self._tables.share,
            SubjectKind.MEMBER: self._tables.member,
        }
        joining = {row.member for row in self._tables.invitation.values()}
        left = {each for each in subjects if each.kind in rows and each.id not in rows[each.kind]}
        return sorted(each for each in left if each.kind is not SubjectKind.MEMBER or each.id not in joining)

    def note_rowless(self, subjects: Sequence[Subject], now: datetime) -> None:
        for subject in subjects:
            self._tables.rowless.setdefault(subject, to_second(now))

    def rowless(self, before: datetime, limit: int) -> list[Subject]:
        moment = to_second(before)
        old = sorted((seen_at, subject) for subject, seen_at in self._tables.rowless.items() if seen_at < moment)
        return [subject for _, subject in old[:limit]]

    def keep_rowless(self, subjects: Sequence[Subject], until: datetime) -> None:
        for subject in subjects:
            self._tables.rowless[subject] = to_second(until)

    def forget_rowless(self, subjects: Sequence[Subject]) -> None:
        for subject in subjects:
            self._tables.rowless.pop(subject, None)

    def beat(self, name: str, now: datetime) -> None:
        self._tables.heartbeat[name] = to_second(now)

    def heartbeats(self) -> dict[str, datetime]:
        return dict(self._tables.heartbeat)


def _remove(table: dict[K, V], gone: Callable[[V], bool]) -> None:
    for key in [key for key, row in table.items() if gone(row)]:
        del table[key]
