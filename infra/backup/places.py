"""The installation whose settings these are: who may read and write each of its stores."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from vault.adapters.installation import GATEWAYS as ATTESTING
from vault.adapters.installation import SECRETS, WORKERS, file_of
from vault.errors import ConfigurationError
from vault.flows.context import Ports
from vault.settings import Folder, Role, Settings, environment_of
from vault.wiring import opened


@dataclass(frozen=True, slots=True)
class Places:
    """The settings of each role: databases and bucket as their owner, key files as those that read them."""

    owner: Settings
    worker: Settings
    gateway: Settings

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Places:
        """As the server's processes read them; raises ConfigurationError."""
        roles = {role: Settings.from_environment(environment_of(role, environment)) for role in Role}
        return cls(roles[Role.OWNER], roles[Role.WORKER], roles[Role.GATEWAY])

    @property
    def data(self) -> Path:
        """The data folder."""
        return self.owner.data

    @property
    def embedded(self) -> bool:
        """Whether records and keystore are files in the data folder."""
        return self.owner.database_url is None

    @property
    def folders(self) -> tuple[Path, ...]:
        """The folders that hold a part of the installation."""
        objects = (self.owner.objects.path,) if isinstance(self.owner.objects, Folder) else ()
        bases = (self.owner.generation_keys, self.worker.installation_key, self.gateway.installation_key)
        return (self.data, *objects, self.owner.escrow_folder, *(base.parent for base in bases))

    @property
    def key_files(self) -> dict[str, Path]:
        """The files of the installation's keys and secrets by name; the public halves are made of them at a start."""
        worker, gateway = self.worker.installation_key, self.gateway.installation_key
        return {name: file_of(worker if name in WORKERS else gateway, name) for name in KEY_NAMES}

    @property
    def identity_file(self) -> Path:
        """The identity beside the generations' keys."""
        base = self.owner.generation_keys
        return base.with_name(f"{base.name}-of")

    def check_there(self) -> None:
        """Raise ConfigurationError where no vault is: opening SQLite's files would make them."""
        if self.embedded and not (self.owner.records_file.is_file() and self.owner.keystore_file.is_file()):
            raise ConfigurationError(
                f"there is no vault in {self.data}", advice="Name its folder with DOSSIER_DATA, as for the server."
            )

    @contextmanager
    def ports(self) -> Iterator[Ports]:
        """The stores as their owner, without a key of the installation."""
        with opened(self.owner) as ports:
            yield ports


KEY_NAMES = (*WORKERS, *ATTESTING, *SECRETS)
