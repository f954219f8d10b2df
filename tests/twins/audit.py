"""The chains of the audit; contracts are those of `vault.ports.audit.AuditStore`."""

from __future__ import annotations

from dataclasses import replace

from tests.twins.rows import Rows, kept, page
from vault.domain.erasures import AuditRow
from vault.ports.errors import ConflictError


class MemoryAuditStore(Rows):
    """Implements `vault.ports.audit.AuditStore`."""

    def add_audit(self, entry: AuditRow) -> None:
        key = (entry.dossier, entry.sequence)
        if key in self._tables.audit:
            raise ConflictError(f"the chain has an entry {entry.sequence} already")
        self._tables.audit[key] = kept(entry)

    def audit(self, dossier: str, *, after: int = 0, limit: int = 500) -> list[AuditRow]:
        return [entry for entry in self._chain(dossier) if entry.sequence > after][:limit]

    def audit_head(self, dossier: str) -> AuditRow | None:
        chain = self._chain(dossier)
        return chain[-1] if chain else None

    def audit_heads(self, *, after: str = "", limit: int = 500) -> list[AuditRow]:
        newest: dict[str, AuditRow] = {}
        for _, entry in sorted(self._tables.audit.items(), key=lambda item: item[0]):
            newest[entry.dossier] = entry
        return page(newest.values(), "dossier", after, limit)

    def keep_leaves(self, checkpoint: int, leaves: bytes) -> None:
        self._tables.leaves[:] = [(checkpoint, leaves)]

    def leaves(self) -> tuple[int, bytes] | None:
        return self._tables.leaves[0] if self._tables.leaves else None

    def clear_audit_details(self, dossier: str) -> None:
        for entry in self._chain(dossier):
            self._tables.audit[dossier, entry.sequence] = replace(entry, details=None)

    def _chain(self, dossier: str) -> list[AuditRow]:
        mine = (entry for entry in self._tables.audit.values() if entry.dossier == dossier)
        return sorted(mine, key=lambda entry: entry.sequence)
