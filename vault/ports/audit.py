"""Rows of the audit: one chain a dossier."""

from __future__ import annotations

from typing import Protocol

from vault.domain.erasures import AuditRow


class AuditStore(Protocol):
    """One chain a dossier."""

    def add_audit(self, entry: AuditRow) -> None:
        """Raises ConflictError when that sequence exists."""

    def audit(self, dossier: str, *, after: int = 0, limit: int = 500) -> list[AuditRow]:
        """By sequence."""

    def audit_head(self, dossier: str) -> AuditRow | None: ...
    def audit_heads(self, *, after: str = "", limit: int = 500) -> list[AuditRow]:
        """The newest entry of each chain, by dossier."""

    def keep_leaves(self, checkpoint: int, leaves: bytes) -> None:
        """Store the newest checkpoint's leaves, replacing an earlier one's."""

    def leaves(self) -> tuple[int, bytes] | None:
        """The newest checkpoint's sequence and its leaves, 32 bytes each."""

    def clear_audit_details(self, dossier: str) -> None:
        """Forget the details of every entry; the chain stays."""
