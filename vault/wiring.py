"""Joins settings to adapters: the only module that knows which engine implements which port."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine

from vault.adapters import installation
from vault.adapters.database import SqlStore
from vault.adapters.escrow import EscrowFiles
from vault.adapters.installation import InstallationKeys
from vault.adapters.keystore import GenerationFiles, SqlKeystore
from vault.adapters.objects_directory import DirectoryObjects
from vault.adapters.setup_token import SetupTokenFile
from vault.adapters.sql.factory import database_engine, keystore_engine, sqlite_url
from vault.adapters.sql.patience import WATCHING, WORKING, Patience
from vault.domain.sessions import SessionLimits
from vault.flows.context import Ports
from vault.flows.positions import adopting
from vault.ports.objects import Objects
from vault.secret import SecretText
from vault.settings import Folder, Role, Settings


def build(settings: Settings, role: Role) -> Ports:
    """The ports on the engines named by the settings, with the keys of that role; databases must be migrated.

    Raises ConfigurationError for an unusable engine or a missing key, UnavailableError when a disk fails.
    """
    own = installation.of_worker if role is Role.WORKER else installation.of_gateway
    keys, proving = own(settings.installation_key), role is Role.GATEWAY
    return _ports(settings, records(settings), keystore(settings), keys, proving=proving)


def watching(settings: Settings, ports: Ports) -> Ports:
    """The same ports by few connections of their own, soon given up, to look at every store beside the work.

    A house full of work is not ill, and one whose work hangs can still say so.
    """
    own = _ports(settings, records(settings, WATCHING), keystore(settings, WATCHING), InstallationKeys())
    return replace(own, installation=ports.installation)


@contextmanager
def opened(settings: Settings) -> Iterator[Ports]:
    """The ports without a key of the installation, for one block: every connection is closed at its end."""
    engines = records(settings), keystore(settings)
    try:
        yield _ports(settings, *engines, InstallationKeys())
    finally:
        for engine in engines:
            engine.dispose()


def begin_keys(settings: Settings) -> None:
    """Make the first generation of keys if there is none. A role that only creates keys may lack that right."""
    engine = keystore(settings)
    try:
        _keystore(settings, engine).begin()
    finally:
        engine.dispose()


def adopt(worker: Settings) -> str:
    """Give a new installation its identity in all four stores; the identity. Raises as `adopting.adopt`."""
    with opened(worker) as ports:
        return adopting.adopt(ports)


def make_keys(worker: Settings, gateway: Settings, *, set_up: bool) -> dict[str, str]:
    """Make the installation's missing keys and secrets for both roles; of each its public half in hex, or nothing."""
    return installation.make(worker.installation_key, gateway.installation_key, set_up=set_up)


def _ports(
    settings: Settings, records: Engine, keystore: Engine, keys: InstallationKeys, *, proving: bool = False
) -> Ports:
    token = SetupTokenFile(settings.setup_token_file)
    return Ports(
        store=SqlStore(records),
        keystore=_keystore(settings, keystore),
        objects=_objects(settings, proving=proving),
        installation=keys,
        setup_token=token.read,
        spend_setup_token=token.spend,
        sessions=SessionLimits(settings.session_idle, settings.session_max),
    )


def _keystore(settings: Settings, engine: Engine) -> SqlKeystore:
    return SqlKeystore(engine, GenerationFiles(settings.generation_keys), EscrowFiles(settings.escrow_folder))


def remove_leftovers(settings: Settings) -> None:
    """Remove files that interrupted writes left in the object folder over a day ago, by the machine's own clock."""
    objects = _objects(settings)
    if isinstance(objects, DirectoryObjects):
        objects.sweep_incoming(datetime.now(UTC) - timedelta(days=1))


def records(settings: Settings, patience: Patience = WORKING) -> Engine:
    """The engine of the records store."""
    return database_engine(_address(settings.database_url, settings.records_file), patience)


def keystore(settings: Settings, patience: Patience = WORKING) -> Engine:
    """The engine of the keystore."""
    return keystore_engine(_address(settings.keystore_url, settings.keystore_file), patience)


def objects(settings: Settings) -> Objects:
    """The object store alone."""
    return _objects(settings)


def _address(url: SecretText | None, file: Path) -> str:
    return sqlite_url(file) if url is None else url.reveal()


def _objects(settings: Settings, *, proving: bool = False) -> Objects:
    """The object store. `proving`: large bodies go through here, and a bucket's server may be asked to compare them."""
    place = settings.objects
    if isinstance(place, Folder):
        return DirectoryObjects(place.path)
    from vault.adapters.objects_s3 import S3Objects  # noqa: PLC0415 - its client takes a sixth of every start

    return S3Objects(
        place.name,
        endpoint=place.endpoint,
        region=place.region,
        access_key=place.access_key,
        secret_key=place.secret_key.reveal(),
        proving=proving,
    )
