"""A connection pool whose timeout for sending is the timeout for reading.

urllib3 applies the connect timeout to sending the first request too: a busy server that does not read for some seconds
would look unreachable.
"""

from __future__ import annotations

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager, Timeout
from urllib3.connection import HTTPConnection, HTTPSConnection


def pool(*, connect: float, answer: float, size: int, ca_certs: str) -> PoolManager:
    """A pool that keeps that many connections; timeouts in seconds: to connect, and for each send and read after it."""

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
        retries=False,  # only the caller knows which requests are safe to repeat, and signs each anew
        cert_reqs="CERT_REQUIRED",
        ca_certs=ca_certs,
    )
    manager.pool_classes_by_scheme = {"http": PlainPool, "https": SecurePool}
    return manager
