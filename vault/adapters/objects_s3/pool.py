"""Connections whose patience with a slow reader is that with a slow answer.

urllib3 lets the time for connecting count for sending the first request too: a server that is busy, and does not read
for some seconds, would look like one that is out of reach.
"""

from __future__ import annotations

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager, Timeout
from urllib3.connection import HTTPConnection, HTTPSConnection


def pool(*, connect: float, answer: float, size: int, ca_certs: str) -> PoolManager:
    """A pool of that many kept connections; seconds for a connection, and for each send and each read after it."""

    class Plain(HTTPConnection):
        def connect(self) -> None:
            super().connect()
            self.sock.settimeout(answer)

    class Secure(HTTPSConnection):
        def connect(self) -> None:
            super().connect()
            self.sock.settimeout(answer)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    manager = PoolManager(
        maxsize=size,
        timeout=Timeout(connect=connect, read=answer),
        retries=False,  # a repeated request is signed anew, and what may be repeated is known to the caller alone
        cert_reqs="CERT_REQUIRED",
        ca_certs=ca_certs,
    )
    manager.pool_classes_by_scheme = {"http": PlainPool, "https": SecurePool}
    return manager
