"""The real engines that tests may use, by their addresses; `.ci/engines start DIR` starts them and writes the addresses.

Without an address the test is skipped, naming the command that provides the engine; with `DOSSIER_TEST_REQUIRE=all` it
fails.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url

from tests.tools import missing

_COMMAND = ".ci/engines start /tmp/engines && source /tmp/engines/environment"


def address(name: str, package: str) -> str:
    """The value of DOSSIER_TEST_<name>; skips, or fails, without it."""
    variable = f"DOSSIER_TEST_{name}"
    if value := os.environ.get(variable, "").strip():
        return value
    message = f"{variable} is not set; `apt-get install {package}`, then `{_COMMAND}`"
    if package == "versitygw":
        message = f"{variable} is not set; install Versity Gateway (see .ci/run), then `{_COMMAND}`"
    return missing(message)


def postgres() -> str:
    """A PostgreSQL server, with a user who may make databases and roles."""
    return address("POSTGRES_URL", "postgresql")


def amqp() -> str:
    """A RabbitMQ server."""
    return address("AMQP_URL", "rabbitmq-server")


def redis() -> str:
    """A Redis server."""
    return address("REDIS_URL", "redis-server")


@dataclass(frozen=True)
class S3:
    """An S3 server and its root user."""

    endpoint: str
    access_key: str
    secret_key: str
    region: str = "us-east-1"


def s3() -> S3:
    """A real S3 server."""
    parts = urlsplit(address("S3_URL", "versitygw"))
    assert parts.username, "DOSSIER_TEST_S3_URL names access key and secret: http://KEY:SECRET@127.0.0.1:PORT"
    assert parts.password
    return S3(f"{parts.scheme}://{parts.hostname}:{parts.port}", parts.username, parts.password)


@contextmanager
def new_database(*, template: str | None = None) -> Iterator[str]:
    """The URL of a fresh database, dropped afterwards by force."""
    url = make_url(postgres())
    name = f"test_{secrets.token_hex(8)}"
    made = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
    if template is not None:
        made += sql.SQL(" TEMPLATE {}").format(sql.Identifier(template))
    with psycopg.connect(postgres(), autocommit=True) as connection:
        connection.execute(made)
    try:
        yield url.set(database=name).render_as_string(hide_password=False)
    finally:
        with psycopg.connect(postgres(), autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
