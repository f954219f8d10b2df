"""The flows' practice in memory: tests arrange the overlaps deterministically."""

from __future__ import annotations

from tests.flows.conftest import coach, document, dossier, practice

__all__ = ["coach", "document", "dossier", "practice"]
