"""The practice that the flows have, in memory: what overlaps is arranged, not waited for."""

from __future__ import annotations

from tests.flows.conftest import coach, document, dossier, practice

__all__ = ["coach", "document", "dossier", "practice"]
