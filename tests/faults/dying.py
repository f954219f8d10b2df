"""Killing a process at its N-th step: before it changes a file, sends a piece of a request, commits or answers."""

from __future__ import annotations

import contextlib
import errno
import mmap
import os
import signal
import struct
import sys
from collections.abc import Iterator
from typing import Any

_FILES = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "os.truncate"}
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


class Countdown:
    """A counter that survives its process: the process dies at zero, and never below zero."""

    def __init__(self) -> None:
        self._shared = mmap.mmap(-1, 16)
        self.set(-1)

    def set(self, steps: int) -> None:
        self._shared[:8] = struct.pack("q", steps)
        self._shared[8:] = bytes(8)

    @property
    def left(self) -> int:
        return int(struct.unpack("q", self._shared[:8])[0])

    @property
    def seen(self) -> int:
        return int(struct.unpack("q", self._shared[8:])[0])

    def step(self, what: str) -> None:
        self._shared[8:] = struct.pack("q", self.seen + 1)
        left = self.left
        if os.environ.get("FAULT_TRACE"):
            os.write(2, f"step {self.seen}: {what}\n".encode())
        if left < 0:
            return
        if left == 0:
            self._shared[:8] = struct.pack("q", -1)
            os.kill(os.getpid(), signal.SIGKILL)
        self._shared[:8] = struct.pack("q", left - 1)


def watch_files_and_requests(countdown: Countdown, folders: tuple[str, ...]) -> None:
    """Count every change below the folders, and the start, first piece and answer of changing or fetching requests."""
    pieces = 2

    def below(path: Any) -> bool:
        """Our path, or a name within a folder being removed."""
        name = os.fsdecode(path) if isinstance(path, (str, bytes, os.PathLike)) else "/"
        return name.startswith(folders) or not name.startswith("/")

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal pieces
        if event == "http.client.send":
            first = bytes(arguments[1][:200]) if isinstance(arguments[1], (bytes, bytearray)) else b""
            verb, _, path = first.partition(b" ")
            if verb in {b"GET", b"PUT", b"POST", b"DELETE"}:
                pieces = 0 if verb != b"GET" or b"/body" in path else 2
            else:
                pieces += 1
            if pieces < 2:
                countdown.step("send")
        elif (event in _FILES and below(arguments[0])) or (
            event == "open" and isinstance(arguments[2], int) and arguments[2] & _WRITING and below(arguments[0])
        ):
            countdown.step(f"{event} {arguments[0]}")

    sys.addaudithook(hook)
    import urllib3  # noqa: PLC0415 - the child's alone

    real = urllib3.HTTPConnectionPool.urlopen

    def urlopen(self: Any, method: str, url: str, *arguments: Any, **more: Any) -> Any:
        answer = real(self, method, url, *arguments, **more)
        if method != "GET" or url.endswith("/body"):
            countdown.step(f"answered {url}")
        return answer

    urllib3.HTTPConnectionPool.urlopen = urlopen  # type: ignore[method-assign]
    for name in ("pwrite", "fsync"):
        _count(os, name, countdown)


def watch_server(countdown: Countdown) -> None:
    """Count every commit that changes something (before and after), every change of an object, and every answer."""
    from uvicorn.protocols.http import httptools_impl  # noqa: PLC0415 - the child's alone

    from vault.adapters.database import store as records  # noqa: PLC0415
    from vault.adapters.keystore import store as keystore  # noqa: PLC0415
    from vault.adapters.sql import factory  # noqa: PLC0415

    real = factory.writing

    @contextlib.contextmanager
    def writing(engine: Any, *how: Any) -> Iterator[Any]:
        with real(engine, *how) as connection:
            before = _changes(connection)
            yield connection
            writes = _changes(connection) != before
            if writes:
                countdown.step("commit")
        if writes:
            countdown.step("committed")

    for module in (records, keystore):
        if hasattr(module, "writing"):
            module.writing = writing
    cycle = httptools_impl.RequestResponseCycle
    send = cycle.send

    async def counted(self: Any, message: Any) -> None:
        reads = self.scope["method"] == "GET" and not self.scope["path"].endswith("/body")
        if message["type"] == "http.response.start" and not reads:
            countdown.step(f"answer {self.scope['path']}")
        await send(self, message)

    cycle.send = counted

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        # The store uses open folders, so its paths are relative; the databases' file access is not Python's.
        if event in _FILES and not str(arguments[0]).startswith("/"):
            countdown.step(event)

    sys.addaudithook(hook)
    _count(os, "fsync", countdown)


def _changes(connection: Any) -> int:
    return int(connection.connection.driver_connection.total_changes)


def _count(module: Any, name: str, countdown: Countdown) -> None:
    real = getattr(module, name)

    def counted(*arguments: Any, **more: Any) -> Any:
        countdown.step(name)
        return real(*arguments, **more)

    setattr(module, name, counted)


def fill_disk(room: int) -> None:
    """From now on this process finds the disk full after `room` bytes."""
    left = room
    real = os.pwrite

    def pwrite(fd: int, content: Any, offset: int) -> int:
        nonlocal left
        if len(content) > left:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        left -= len(content)
        return real(fd, content, offset)

    os.pwrite = pwrite  # type: ignore[assignment]
