"""The installation whose settings these are: who may read and write each of its stores."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
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

    def moved(self, to: Path) -> Places:
        """The same with another data folder; what lies elsewhere stays there."""
        return Places(*(_moved(each, self.data, to) for each in (self.owner, self.worker, self.gateway)))

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


def _moved(settings: Settings, data: Path, to: Path) -> Settings:
    def place(path: Path) -> Path:
        return to / path.relative_to(data) if path.is_relative_to(data) else path

    objects, generation, installation = settings.objects, settings.generation_key_file, settings.installation_key_file
    return replace(
        settings,
        data=to,
        objects=Folder(place(objects.path)) if isinstance(objects, Folder) else objects,
        generation_key_file=generation and place(generation),
        installation_key_file=installation and place(installation),
    )


KEY_NAMES = (*WORKERS, *ATTESTING, *SECRETS)
