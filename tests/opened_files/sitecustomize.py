"""Python imports this at its start if a test put the folder on its path: it notes which files of keys the process opens.

One line for each opening goes into the file that `OPENED` names: the process, how, and the path. An audit hook sees
every opening that Python makes (PEP 578), and cannot be taken away again.
"""

from __future__ import annotations

import os
import sys

_NOTES = os.open(os.environ["OPENED"], os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
_FOLDERS = ("/keys/", "/escrow/")
_WRITES = os.O_WRONLY | os.O_RDWR


def _note(event: str, arguments: tuple[object, ...]) -> None:
    if event != "open":
        return
    path, mode, flags = arguments
    if isinstance(path, (str, os.PathLike)) and any(folder in os.fspath(path) for folder in _FOLDERS):
        writes = (isinstance(flags, int) and flags & _WRITES) or (isinstance(mode, str) and "r" not in mode)
        line = f"{os.getpid()} {'writes' if writes else 'reads'} {os.fspath(path)}\n"
        os.write(_NOTES, line.encode())


sys.addaudithook(_note)
