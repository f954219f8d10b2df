"""A whole vault to measure: `dossier serve` on a bucket and databases of its own, a director, and the bucket's peer."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from minio import Minio
from minio.deleteobjects import DeleteObject
from minio.versioningconfig import ENABLED, VersioningConfig

from tests import engines
from tests.bench.bare import PARALLEL, PART
from tests.bench.measuring import listener_on
from tests.infra.proxied import Proxy
from tests.infra.serving import ROOT, Server, arguments
from tests.journeys.machine import Director
from vault.sdk.device.home import Home
from vault.sdk.dossiers.finding import find, load_dossier, open_dossier
from vault.sdk.dossiers.open_dossier import OpenDossier
from vault.sdk.people.session import SignedIn

OURS = [sys.executable, "-P", "-m", "vault"]
MEMORY_DISK = Path("/dev/shm")


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder on a disk in memory where there is one: what is measured is not this machine's disk."""
    place = os.environ.get("DOSSIER_BENCH_FOLDER") or (str(MEMORY_DISK) if MEMORY_DISK.is_dir() else None)
    with tempfile.TemporaryDirectory(dir=place, prefix="bench-") as folder:
        yield Path(folder)


@dataclass
class Bucket:
    """A versioned bucket on the S3 server of the tests, and the bare client that is our peer."""

    s3: engines.S3
    name: str
    client: Minio

    @property
    def pid(self) -> int | None:
        """The server's process, when it runs here."""
        return listener_on(urlsplit(self.s3.endpoint).port or 0)

    @property
    def environment(self) -> dict[str, str]:
        """What `tests.bench.bare` needs."""
        return {
            "BARE_S3": urlsplit(self.s3.endpoint).netloc,
            "BARE_BUCKET": self.name,
            "BARE_ACCESS": self.s3.access_key,
            "BARE_SECRET": self.s3.secret_key,
        }

    def put(self, name: str, path: Path) -> None:
        """As a program would that uses this client alone."""
        with path.open("rb") as file:
            size = path.stat().st_size
            self.client.put_object(self.name, name, file, size, part_size=PART, num_parallel_uploads=PARALLEL)

    def remove(self, prefix: str = "") -> int:
        """List all versions and remove them by multi-delete, a thousand at once; how many there were."""
        listed = self.client.list_objects(self.name, prefix, recursive=True, include_version=True)
        doomed = [DeleteObject(item.object_name or "", item.version_id) for item in listed]
        failed = list(self.client.remove_objects(self.name, doomed))
        if failed:
            raise RuntimeError(f"{len(failed)} objects were not removed, the first: {failed[0].message}")
        return len(doomed)


@contextmanager
def bucket() -> Iterator[Bucket]:
    """An empty bucket, removed afterwards. Skips without an S3 server."""
    s3 = engines.s3()
    parts = urlsplit(s3.endpoint)
    client = Minio(parts.netloc, s3.access_key, s3.secret_key, secure=parts.scheme == "https", region=s3.region)
    made = Bucket(s3, f"bench-{secrets.token_hex(6)}", client)
    client.make_bucket(made.name)
    client.set_bucket_versioning(made.name, VersioningConfig(ENABLED))
    try:
        yield made
    finally:
        made.remove()
        client.remove_bucket(made.name)


class Vault(Server):
    """`dossier serve` with more words."""

    words: tuple[str, ...] = ()

    def start(self, *, preexec: Callable[[], None] | None = None) -> Self:
        """Start it; it leaves its log in a file."""
        del preexec
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*OURS, "serve", *self.words],
                env=self.environment,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        return self

    @property
    def gateways(self) -> list[int]:
        """The gateways' processes."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return [int(pid) for pid in children if "gateway" in arguments(int(pid))]


@dataclass
class Stage:
    """What a benchmark stands on."""

    folder: Path
    vault: Vault
    director: Director
    bucket: Bucket | None
    proxy: Proxy | None = None
    kept: str = ""  # the dossier that a row reads from

    @property
    def servers(self) -> list[int]:
        """The processes that work for a request: gateways, the S3 server, the proxy."""
        s3 = [] if self.bucket is None or self.bucket.pid is None else [self.bucket.pid]
        return [*self.vault.gateways, *s3, *([] if self.proxy is None else [self.proxy.process])]

    @property
    def url(self) -> str:
        """Where people come in."""
        return self.vault.url if self.proxy is None else self.proxy.url

    @cached_property
    def signed_in(self) -> SignedIn:
        """The director's session, in this process."""
        return SignedIn.load(Home(self.director.home), url=self.vault.url)

    def dossier(self, name: str) -> OpenDossier:
        """A new dossier."""
        return load_dossier(self.signed_in, open_dossier(self.signed_in, name, "client", "bench"))

    def fresh(self, dossier: OpenDossier) -> OpenDossier:
        """The dossier as it is now."""
        return find(self.signed_in, dossier.id)

    @property
    def environment(self) -> dict[str, str]:
        """What the director's commands need."""
        own = {name: self.director.environment[name] for name in self.director.environment if "DOSSIER" in name}
        return {**own, **self.entrance, "DOSSIER_URL": self.url}

    @property
    def entrance(self) -> dict[str, str]:
        """What a command needs that comes in by the proxy."""
        return {} if self.proxy is None else {"SSL_CERT_FILE": str(self.proxy.authority)}


@contextmanager
def stage(
    *,
    on_s3: bool = True,
    on_postgres: bool = False,
    proxied: bool = False,
    words: tuple[str, ...] = (),
    folder: Path | None = None,
) -> Iterator[Stage]:
    """A vault that is set up, with its director signed in. Skips without the engines asked for.

    `proxied`: behind the proxy of the compose file, which carries segments from the bucket.
    """
    with ExitStack() as stack:
        place = folder or stack.enter_context(scratch())
        chosen = stack.enter_context(bucket()) if on_s3 else None
        settings = {} if chosen is None else _on_bucket(chosen, place)
        if on_postgres:
            settings |= {
                f"DOSSIER_{name}_URL": stack.enter_context(engines.new_database()) for name in ("DATABASE", "KEYSTORE")
            }
        if proxied:
            settings |= {"DOSSIER_TRUSTED_PROXIES": "127.0.0.1,::1", "DOSSIER_PROXY_CARRIES": "yes"}
        vault = Vault(place / "data", log=place / "server.log", **settings)
        vault.words = words
        stack.enter_context(vault)
        director = Director(place / "anna", vault.url)
        director.set_up(vault)
        proxy = Proxy(place / "proxy") if proxied else None
        if proxy is not None and chosen is not None:
            stack.enter_context(proxy.before(vault.port, chosen.s3.endpoint))
        yield Stage(place, vault, director, chosen, proxy)


def _on_bucket(chosen: Bucket, folder: Path) -> dict[str, str]:
    keys = {"ACCESS": chosen.s3.access_key, "SECRET": chosen.s3.secret_key}
    for name, value in keys.items():
        (folder / name).write_text(value)
        (folder / name).chmod(0o600)
    return {
        "DOSSIER_OBJECTS": f"s3:{chosen.name}",
        "DOSSIER_S3_ENDPOINT": chosen.s3.endpoint,
        "DOSSIER_S3_REGION": chosen.s3.region,
        **{f"DOSSIER_S3_{name}_KEY_FILE": str(folder / name) for name in keys},
    }


def plaintext(path: Path, size: int) -> Path:
    """A file of random bytes."""
    with path.open("wb") as file:
        for start in range(0, size, 1 << 20):
            file.write(os.urandom(min(1 << 20, size - start)))
    return path


def at_once(works: list[Callable[[], Any]]) -> list[BaseException]:
    """Run all of them at the same time, each in a thread; what went wrong."""
    failures: list[BaseException] = []

    def run(work: Callable[[], Any]) -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - the caller counts and shows them
            failures.append(error)

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return failures
