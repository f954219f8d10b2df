"""The source file of a document, in its state when it was opened."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file's identity and state when opened, to detect a change and to recognise it later."""

    path: str
    size: int
    mtime_ns: int
    inode: int

    @classmethod
    def of(cls, path: Path, status: os.stat_result) -> SourceFile:
        """The state of an open file."""
        spelled = os.fsencode(path.absolute()).decode("utf-8", "backslashreplace")
        return cls(spelled, status.st_size, status.st_mtime_ns, status.st_ino)
