"""The file that a document is made of, as it stood when it was opened."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file as it stood when it was opened, to notice that it changed and to know it again."""

    path: str
    size: int
    mtime_ns: int
    inode: int

    @classmethod
    def of(cls, path: Path, status: os.stat_result) -> SourceFile:
        """The file's marks."""
        spelled = os.fsencode(path.absolute()).decode("utf-8", "backslashreplace")
        return cls(spelled, status.st_size, status.st_mtime_ns, status.st_ino)
