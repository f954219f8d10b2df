"""What new keys of a dossier open, laid by until its next head takes all of it at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from vault.domain.dossiers import StagedRow


class StagingStore(Protocol):
    """Heads, metadata and texts under a dossier's next identity."""

    def stage(self, rows: Sequence[StagedRow]) -> None:
        """Add or replace."""

    def unstaged(self, dossier: str, identity: str) -> list[str]:
        """What of the dossier is not staged under that identity, at most one of each kind: an id or a record's hash.

        That is every document `pending` or `stored`, and every record with a text.
        """

    def take_staged(self, dossier: str, identity: str) -> None:
        """Put what is staged under that identity in its place, and forget all that is staged of the dossier."""

    def staged_dossiers(self, before: datetime, limit: int) -> list[str]:
        """The dossiers of which something was staged before that moment; an indexed query."""

    def forget_staged(self, dossier: str, before: datetime) -> None:
        """Forget what was staged of the dossier before that moment."""

    def drop_wraps(self, dossier: str, *, before: int) -> None:
        """Remove the wraps of all epochs before that one."""
