"""The compose file's own environments on the real engines of the tests: the same variables, other hosts and accounts."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg
from kombu import Connection
from minio.error import S3Error
from psycopg import sql
from sqlalchemy.engine import make_url

from infra.roles import versity
from tests import engines
from tests.buckets import Bucket
from tests.infra import compose
from vault.secret import SecretText
from vault.settings import Bucket as BucketSettings


@dataclass(frozen=True)
class Loopback:
    """The databases, accounts, bucket and queue of one vault, and its folder."""

    folder: Path
    records: str
    keystore: str
    bucket: str
    queue: str
    s3: engines.S3
    made: Mapping[str, str]

    @property
    def secrets(self) -> Path:
        return self.folder / "secrets"

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def keys(self) -> Path:
        return self.folder / "keys"

    def environment(self, service: str, **more: str) -> dict[str, str]:
        """The service's environment, with the machine's own variables."""
        given = compose.environment(service, self.secrets)
        moved = {name: value.replace("/srv/", f"{self.folder}/") for name, value in given.items()}
        if "DOSSIER_OBJECTS" in moved:
            moved |= {"DOSSIER_OBJECTS": f"s3:{self.bucket}", "DOSSIER_S3_ENDPOINT": self.s3.endpoint}
        if "DOSSIER_BROKER_URL_FILE" in moved:
            moved["DOSSIER_BROKER_QUEUE"] = self.queue
        kept = {name: value for name, value in os.environ.items() if not name.startswith("DOSSIER_")}
        return {**kept, **moved, **more}

    def account(self, role: str) -> str:
        """The role's name in the databases."""
        return str(make_url(self.made[f"{role}-records-url"]).username)

    def as_role(self, role: str, database: str) -> str:
        """The role's address of records or keystore."""
        return self.made[f"{role}-{database}-url"]


@contextmanager
def loopback(folder: Path) -> Iterator[Loopback]:
    """A loopback with only two empty databases; everything made on it is removed afterwards."""
    s3 = engines.s3()
    name = secrets.token_hex(6)
    with engines.new_database() as records, engines.new_database() as keystore:
        _write_secrets(folder / "secrets", name, {"records": records, "keystore": keystore}, s3)
        made = {path.name: path.read_text().strip() for path in (folder / "secrets").iterdir()}
        place = Loopback(folder, records, keystore, f"test-{name}", f"test-{name}", s3, made)
        try:
            yield place
        finally:
            _take_away_outside(place)
    _drop_roles([place.account("gateway"), place.account("worker")])


def _write_secrets(folder: Path, name: str, databases: Mapping[str, str], s3: engines.S3) -> None:
    """Write the script's secrets for other hosts; the owner is the tests' administrator."""
    for secret, value in compose.make_secrets(folder).items():
        role, _, rest = secret.partition("-")
        text = value
        if rest in {"records-url", "keystore-url"}:
            database = make_url(databases[rest.removesuffix("-url")])
            mine = make_url(value)
            if role != "owner":
                database = database.set(username=f"{mine.username}_{name}", password=mine.password)
            text = database.render_as_string(hide_password=False)
        elif secret == "broker-url":
            text = engines.amqp()
        elif rest == "s3-access-key":
            text = s3.access_key if role == "owner" else f"{value}-{name}"
        elif secret == "owner-s3-secret-key":
            text = s3.secret_key
        (folder / secret).chmod(0o600)
        (folder / secret).write_text(f"{text}\n")


def _take_away_outside(place: Loopback) -> None:
    root = BucketSettings(
        place.bucket,
        place.s3.endpoint,
        place.s3.region,
        place.s3.access_key,
        SecretText(place.s3.secret_key),
    )
    for role in ("gateway", "worker"):
        versity._ask(root, "/delete-user", {"access": place.made[f"{role}-s3-access-key"]}, "")
    bucket = Bucket(place.s3, place.bucket)
    with suppress(S3Error):  # it may not exist
        bucket.empty()
        bucket.client().remove_bucket(place.bucket)
    with Connection(engines.amqp()) as connection, connection.channel() as channel:
        channel.queue_delete(place.queue)
        channel.exchange_delete(place.queue)


def _drop_roles(names: list[str]) -> None:
    with psycopg.connect(engines.postgres(), autocommit=True) as connection:
        for name in names:
            connection.execute(sql.SQL("DROP ROLE IF EXISTS {}").format(sql.Identifier(name)))
