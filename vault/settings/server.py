"""The server's settings as one frozen value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Self

from vault.secret import SecretText
from vault.settings import reading
from vault.settings.names import warnings
from vault.settings.values import Bucket, Clock, Folder, Network


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of the server's processes; the same value in each of them."""

    data: Path
    host: str
    port: int
    public_url: str
    objects: Folder | Bucket
    database_url: SecretText | None = None
    keystore_url: SecretText | None = None
    broker_url: SecretText | None = None
    broker_queue: str = "dossier"
    generation_key_file: Path | None = None
    installation_key_file: Path | None = None
    erasure_delay: timedelta = timedelta(hours=24)
    backup_every: timedelta = timedelta(days=7)
    session_idle: timedelta = timedelta(hours=12)
    session_max: timedelta = timedelta(days=7)
    clock: Clock = Clock()  # noqa: RUF009 - it cannot be changed
    trusted_proxies: tuple[Network, ...] = ()
    proxy_carries: bool = False
    colour: str | None = None
    logo_file: Path | None = None
    warnings: tuple[str, ...] = field(default=(), compare=False)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Read and check every variable; raises ConfigurationError before anything is started or written."""
        given = {name: value.strip() for name, value in environment.items() if name.startswith("DOSSIER_")}
        given = {name: value for name, value in given.items() if value}
        given |= reading.from_files(given)
        data = Path(given.get("DOSSIER_DATA", "data")).expanduser().absolute()
        host, port = reading.listen(given.get("DOSSIER_LISTEN", "127.0.0.1:8420"))
        reading.refuse_halves(given)
        reading.refuse_roles_alone(given)
        return cls(
            data=data,
            host=host,
            port=port,
            public_url=reading.public_url(given.get("DOSSIER_PUBLIC_URL"), host, port),
            objects=reading.objects(given, data),
            database_url=reading.secret(given, "DOSSIER_DATABASE_URL"),
            keystore_url=reading.secret(given, "DOSSIER_KEYSTORE_URL"),
            broker_url=reading.broker(given),
            broker_queue=reading.queue(given),
            generation_key_file=reading.path(given, "DOSSIER_GENERATION_KEY_FILE"),
            installation_key_file=reading.path(given, "DOSSIER_INSTALLATION_KEY_FILE"),
            erasure_delay=reading.erasure_delay(given.get("DOSSIER_ERASURE_DELAY", "24h")),
            backup_every=reading.backup_every(given.get("DOSSIER_BACKUP_EVERY", "7d")),
            **reading.session_limits(given),
            clock=reading.clock(given),
            trusted_proxies=reading.trusted_proxies(given),
            proxy_carries=reading.proxy_carries(given),
            colour=reading.colour(given),
            logo_file=reading.logo_file(given),
            warnings=warnings(given),
        )

    @property
    def records_file(self) -> Path:
        """The embedded records store."""
        return self.data / "records.db"

    @property
    def keystore_file(self) -> Path:
        """The embedded keystore."""
        return self.data / "keystore.db"

    @property
    def generation_keys(self) -> Path:
        """The base path of the generation keys; each key's number is appended."""
        return self.generation_key_file or self.data / "keys" / "generation"

    @property
    def escrow_folder(self) -> Path:
        """The generation keys, sealed to the directors: beside key files that were given a place of their own."""
        return self.data / "escrow" if self.generation_key_file is None else self.generation_key_file.parent / "escrow"

    @property
    def installation_key(self) -> Path:
        """The base path of the installation's keys and secrets; each one's name is appended."""
        return self.installation_key_file or self.data / "keys" / "installation"

    @property
    def setup_token_file(self) -> Path:
        """The one-time token with which the first director sets the practice up."""
        return self.data / "setup-token"

    @property
    def broker_folder(self) -> Path:
        """The embedded queue."""
        return self.data / "broker"

    @property
    def timetable_folder(self) -> Path:
        """Where Celery beat stores its schedule."""
        return self.data / "timetable" if self.broker_url else self.broker_folder / "timetable"
