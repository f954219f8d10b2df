"""S3 servers for tests, with a fresh bucket for each: moto everywhere, real servers where available."""

from __future__ import annotations

import atexit
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import cache
from threading import Lock, Thread
from typing import Any
from urllib.parse import urlsplit

from minio import Minio
from minio.commonconfig import ENABLED
from minio.versioningconfig import VersioningConfig
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from moto.server import MotoRequestHandler
from werkzeug.serving import make_server

from tests import engines, tools
from tests.engines import S3
from vault.adapters.objects_s3 import Patience, S3Objects
from vault.adapters.objects_s3.connection import Connection
from vault.adapters.objects_s3.listing import Listing
from vault.adapters.objects_s3.removal import Removal

HASTY = Patience(connect=2.0, answer=20.0, pauses=(0.01, 0.02, 0.05))


@dataclass(frozen=True)
class Bucket:
    """A bucket, and its server's administrator."""

    server: S3
    name: str

    def client(self, **changes: str) -> Minio:
        """The bare client, for changes behind the adapter's back."""
        keys = {"access_key": self.server.access_key, "secret_key": self.server.secret_key, **changes}
        place = urlsplit(self.server.endpoint)
        return Minio(place.netloc, secure=False, region=self.server.region, **keys)

    def objects(
        self,
        *,
        endpoint: str = "",
        access_key: str = "",
        secret_key: str = "",
        patience: Patience = HASTY,
        proving: bool = False,
    ) -> S3Objects:
        return S3Objects(
            self.name,
            endpoint=endpoint or self.server.endpoint,
            region=self.server.region,
            access_key=access_key or self.server.access_key,
            secret_key=secret_key or self.server.secret_key,
            patience=patience,
            proving=proving,
        )

    def versioning(self, status: str = ENABLED) -> None:
        self.client().set_bucket_versioning(self.name, VersioningConfig(status))

    def listing(self) -> Listing:
        return Listing(self._connection())

    def left(self, prefix: str = "") -> list[str]:
        """The names of every version and delete marker; Versity repeats some at the end of a page."""
        return [name for name, _ in sorted({(each.name, each.version) for each in self.listing().versions(prefix)})]

    def empty(self) -> None:
        """Remove everything, even the ledger."""
        connection = self._connection()
        Removal(connection, Listing(connection)).below("")

    def _connection(self) -> Connection:
        keys = {"access_key": self.server.access_key, "secret_key": self.server.secret_key}
        place = {"endpoint": self.server.endpoint, "region": self.server.region}
        return Connection(self.name, **place, **keys, patience=HASTY)


@contextmanager
def new_bucket(server: S3, *, versioned: bool = False) -> Iterator[Bucket]:
    """A fresh bucket, removed afterwards with its content."""
    bucket = Bucket(server, f"test-{secrets.token_hex(8)}")
    client = bucket.client()
    client.make_bucket(bucket.name)
    if versioned:
        bucket.versioning()
    try:
        yield bucket
    finally:
        bucket.empty()
        client.remove_bucket(bucket.name)


@cache
def moto() -> S3:
    """One server a process; it ends with it."""
    app = _deciding(DomainDispatcherApplication(create_backend_app))
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=MotoRequestHandler)
    Thread(target=server.serve_forever, daemon=True).start()
    return S3(f"http://127.0.0.1:{server.server_port}", "moto-access", "moto-secret")


def _deciding(app: Any) -> Any:
    """Conditional puts one after the other: moto looks and writes in two steps, and let two of a race win."""
    one = Lock()

    def call(environ: dict[str, Any], start_response: Any) -> Any:
        with one if "HTTP_IF_NONE_MATCH" in environ else nullcontext():
            return app(environ, start_response)

    return call


def any_server() -> S3:
    """Any server: a real one if there is one, because moto is slower."""
    required = os.environ.get("DOSSIER_TEST_REQUIRE") == "all"
    return engines.s3() if required or os.environ.get("DOSSIER_TEST_S3_URL") else moto()


@cache
def rclone() -> S3:
    """`rclone serve s3` on a folder: no versions, and If-None-Match is ignored. It ends with the process."""
    program = tools.rclone()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = tempfile.mkdtemp(prefix="rclone-")
    access, secret = secrets.token_hex(8), secrets.token_hex(16)
    command = [
        program,
        "serve",
        "s3",
        "--config=",
        f"--addr=127.0.0.1:{port}",
        f"--auth-key={access},{secret}",
        folder,
    ]
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    atexit.register(_end, child, folder)
    _answering(port)
    return S3(f"http://127.0.0.1:{port}", access, secret)


def _end(child: subprocess.Popen[bytes], folder: str) -> None:
    child.terminate()
    child.wait()
    shutil.rmtree(folder, ignore_errors=True)


def _answering(port: int) -> None:
    last = time.monotonic() + 20
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if time.monotonic() > last:
                raise
            time.sleep(0.02)  # between two attempts to connect
        else:
            return


SERVERS = {
    "moto": (moto, False),
    "moto, versioned": (moto, True),
    "versity": (engines.s3, False),
    "versity, versioned": (engines.s3, True),
}
if shutil.which("rclone"):  # for machines without Go; Versity Gateway is the one that is required
    SERVERS["rclone"] = (rclone, False)
