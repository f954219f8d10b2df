"""The two ways to run a vault: one command with embedded engines, or several processes on external engines."""

from __future__ import annotations

import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url

from tests import buckets, engines
from tests.infra.serving import ROOT, Server
from tests.workers.brokers import RabbitMQ, rabbitmq

KINDS = ("embedded", "engines")
CREW = ("--gateways", "2", "--workers", "2")
PARTS = {
    "embedded": {"gateway", "worker", "beat"},
    "engines": {"gateway1", "gateway2", "worker1", "worker2", "beat"},
}


@dataclass(frozen=True)
class Engines:
    """The external engines: the owner's URLs of both databases, the bucket, the broker."""

    records: str
    keystore: str
    bucket: buckets.Bucket
    broker: RabbitMQ
    environment: dict[str, str]


@dataclass(frozen=True)
class Topology:
    """A way to run a vault, a server of that kind, and its engines."""

    kind: str
    server: Server
    engines: Engines | None


@contextmanager
def serving(kind: str, folder: Path) -> Iterator[Topology]:
    """A server on a free port with data of its own, ready."""
    if kind == "embedded":
        with Server(folder / "data", log=folder / "log") as server:
            yield Topology(kind, server, None)
    else:
        with outside(folder) as made, started(folder, made) as server:
            yield Topology(kind, server, made)


@contextmanager
def started(folder: Path, made: Engines) -> Iterator[Server]:
    with Server(folder / "data", log=folder / "log", options=CREW, **made.environment) as server:
        yield server


@contextmanager
def outside(folder: Path) -> Iterator[Engines]:
    """Fresh databases, a versioned bucket and a queue, with least privilege for each role; dropped afterwards."""
    with ExitStack() as stack:
        accounts = {
            role: (f"test_{role}_{secrets.token_hex(6)}", secrets.token_hex(16)) for role in ("gateway", "worker")
        }
        stack.callback(_drop_roles, [name for name, _ in accounts.values()])
        databases = {name: stack.enter_context(engines.new_database()) for name in ("DATABASE_URL", "KEYSTORE_URL")}
        bucket = stack.enter_context(buckets.new_bucket(engines.s3(), versioned=True))
        broker = stack.enter_context(rabbitmq(folder, f"test-{secrets.token_hex(8)}"))
        environment = {
            **{f"DOSSIER_OWNER_{name}": url for name, url in databases.items()},
            **_addresses(databases, accounts),
            **_keys(folder, bucket),
            **broker.settings,
        }
        prepare(folder, environment)
        yield Engines(databases["DATABASE_URL"], databases["KEYSTORE_URL"], bucket, broker, environment)


def prepare(folder: Path, environment: dict[str, str]) -> None:
    """Follow the runbook: one command makes roles, policy and users."""
    said = subprocess.run(
        [sys.executable, "-P", "-m", "infra.roles", "--versity"],
        env={"PATH": "/usr/bin:/bin", "DOSSIER_DATA": str(folder / "data"), **environment},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 0, said.stdout + said.stderr


def _addresses(databases: dict[str, str], accounts: dict[str, tuple[str, str]]) -> dict[str, str]:
    """The URLs: the gateway's are the shared ones; the worker has its own."""
    found = {}
    for role, (account, password) in accounts.items():
        prefix = "" if role == "gateway" else "WORKER_"
        for name, url in databases.items():
            theirs = make_url(url).set(username=account, password=password)
            found[f"DOSSIER_{prefix}{name}"] = theirs.render_as_string(hide_password=False)
    return found


def _keys(folder: Path, bucket: buckets.Bucket) -> dict[str, str]:
    owner = (bucket.server.access_key, bucket.server.secret_key)
    pairs = {"OWNER_": owner} | {p: (f"u{secrets.token_hex(8)}", secrets.token_hex(16)) for p in ("", "WORKER_")}
    found = {"DOSSIER_OBJECTS": f"s3:{bucket.name}", "DOSSIER_S3_ENDPOINT": bucket.server.endpoint}
    for prefix, pair in pairs.items():
        for name, value in zip(("S3_ACCESS_KEY_FILE", "S3_SECRET_KEY_FILE"), pair, strict=True):
            path = folder / f"{prefix}{name}".lower()
            path.touch(mode=0o600)
            path.write_text(value)
            found[f"DOSSIER_{prefix}{name}"] = str(path)
    return found


def _drop_roles(names: list[str]) -> None:
    with psycopg.connect(engines.postgres(), autocommit=True) as connection:
        for name in names:
            connection.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(name)))
