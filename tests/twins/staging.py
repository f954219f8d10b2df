"""What is laid by for the next identity of a dossier; contracts are those of `vault.ports.staging.StagingStore`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from tests.twins.rows import Rows, kept, refer, to_second
from vault.domain.dossiers import DocumentState, StagedKind, StagedRow

_SHOWN = (DocumentState.PENDING, DocumentState.STORED)


class MemoryStagingStore(Rows):
    """Implements `vault.ports.staging.StagingStore`."""

    def stage(self, rows: Sequence[StagedRow]) -> None:
        for row in rows:
            refer(self._tables.dossier, row.dossier, "dossier")
            self._tables.staged[row.dossier, row.identity, row.kind, row.subject] = kept(row)

    def unstaged(self, dossier: str, identity: str) -> list[str]:
        documents = sorted(
            each.id
            for each in self._tables.document.values()
            if each.dossier == dossier
            and each.state in _SHOWN
            and (dossier, identity, StagedKind.DOCUMENT, each.id) not in self._tables.staged
        )
        texts = sorted(
            each.hash
            for each in self._tables.record.values()
            if each.dossier == dossier
            and each.text is not None
            and (dossier, identity, StagedKind.RECORD, each.hash) not in self._tables.staged
        )
        return [*documents[:1], *texts[:1]]

    def take_staged(self, dossier: str, identity: str) -> None:
        for (of, under, kind, subject), row in list(self._tables.staged.items()):
            if of != dossier:
                continue
            if under == identity and kind is StagedKind.DOCUMENT and row.head is not None:
                document = self._tables.document.get(subject)
                if document is not None and document.dossier == dossier:
                    self._tables.document[subject] = replace(document, head=row.head, metadata=row.content)
            if under == identity and kind is StagedKind.RECORD and row.content is not None:
                record = self._tables.record.get(subject)
                if record is not None and record.dossier == dossier:
                    self._tables.record[subject] = replace(record, text=row.content)
            del self._tables.staged[of, under, kind, subject]

    def staged_dossiers(self, before: datetime, limit: int) -> list[str]:
        moment = to_second(before)
        rows = sorted(self._tables.staged.values(), key=lambda row: row.staged_at)
        return sorted({row.dossier for row in [row for row in rows if row.staged_at < moment][:limit]})

    def forget_staged(self, dossier: str, before: datetime) -> None:
        moment = to_second(before)
        for key, row in list(self._tables.staged.items()):
            if row.dossier == dossier and row.staged_at < moment:
                del self._tables.staged[key]

    def drop_wraps(self, dossier: str, *, before: int) -> None:
        for key in [key for key in self._tables.wrap if key[0] == dossier and key[1] < before]:
            del self._tables.wrap[key]
