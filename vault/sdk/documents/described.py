"""How the files of a batch are described, and what became of each."""

from __future__ import annotations

from dataclasses import dataclass

FAILED = "failed"


@dataclass(slots=True)
class Outcome:
    """The outcome for one file: `stored`, `already` there, or `failed` with a stable `reason`."""

    name: str
    folder: str
    size: int
    state: str = FAILED
    id: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Description:
    """The description of all files of a batch; without a kind, each file's name decides."""

    purpose: str
    kind: str | None = None

    def kind_of(self, name: str) -> str:
        """One of the document kinds."""
        return self.kind or ("correspondence" if name.lower().endswith((".eml", ".msg")) else "other")
