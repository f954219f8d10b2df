"""A connection to a database that breaks at the n-th message, in either direction, and works again afterwards."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import Self

PIECE = 1 << 16


class Counter:
    """Counts the messages of all its lines; at the last one the line breaks instead."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._left: int | None = None
        self.broken = False

    def arm(self, number: int | None) -> None:
        """Break at the `number`-th message from now, 1 or more; None: never."""
        with self._lock:
            self._left, self.broken = number, False

    def passes(self) -> bool:
        with self._lock:
            if self._left is None:
                return True
            self._left -= 1
            if self._left > 0:
                return True
            self._left, self.broken = None, True
            return False


class Line:
    """Listens on the loopback and forwards each message to one server.

    If a request breaks the line, the server never gets it; if an answer breaks it, the request took effect.
    """

    def __init__(self, host: str, port: int, counter: Counter) -> None:
        self._target, self._counter = (host, port), counter
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: set[socket.socket] = set()
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for end in list(self._open):
            _end(end)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                far = socket.create_connection(self._target)
                for end in (near, far):
                    end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    self._open.add(end)
                for source, sink in ((near, far), (far, near)):
                    threading.Thread(target=self._pass, args=(source, sink), daemon=True).start()

    def _pass(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while (piece := source.recv(PIECE)) and self._counter.passes():
                sink.sendall(piece)
        for end in (source, sink):
            _end(end)
            self._open.discard(end)


def _end(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()
