"""Joins settings to adapters: the one place that knows which engine stands behind which port."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine

from vault.adapters.installation import InstallationKey
from vault.adapters.keystore import GenerationFiles, SqlKeystore
from vault.adapters.objects_directory import DirectoryObjects
from vault.adapters.records import SqlStore
from vault.adapters.setup_token import SetupTokenFile
from vault.adapters.sql_engine import keystore_engine, records_engine, sqlite_url
from vault.errors import ConfigurationError
from vault.flows.context import Ports
from vault.settings import Folder, Settings


def build(settings: Settings) -> Ports:
    """The ports on the engines that the settings name; databases must have been migrated.

    Raises ConfigurationError for an engine that this version does not have, UnavailableError when a disk fails.
    """
    token = SetupTokenFile(settings.setup_token_file)
    return Ports(
        store=SqlStore(records(settings)),
        keystore=SqlKeystore(keystore(settings), GenerationFiles(settings.generation_keys)),
        objects=DirectoryObjects(_folder(settings)),
        installation=InstallationKey.load_or_create(settings.installation_key),
        setup_token=token.read,
        spend_setup_token=token.spend,
    )


def remove_leftovers(settings: Settings) -> None:
    """Remove what interrupted writes left in the object folder a day ago; files have the machine's own time."""
    DirectoryObjects(_folder(settings)).sweep_incoming(datetime.now(UTC) - timedelta(days=1))


def records(settings: Settings) -> Engine:
    """The engine of the records store."""
    _embedded_only(settings)
    return records_engine(sqlite_url(settings.records_file))


def keystore(settings: Settings) -> Engine:
    """The engine of the keystore."""
    _embedded_only(settings)
    return keystore_engine(sqlite_url(settings.keystore_file))


def _folder(settings: Settings) -> Path:
    if isinstance(settings.objects, Folder):
        return settings.objects.path
    raise _absent("S3", "DOSSIER_OBJECTS and the DOSSIER_S3_ variables")


def _embedded_only(settings: Settings) -> None:
    _folder(settings)
    if settings.database_url:
        raise _absent("PostgreSQL", "DOSSIER_DATABASE_URL and DOSSIER_KEYSTORE_URL")
    if settings.broker_url:
        raise _absent("an outside queue", "DOSSIER_BROKER_URL")


def _absent(what: str, variables: str) -> ConfigurationError:
    return ConfigurationError(
        f"this version cannot use {what} yet; nothing was started",
        advice=f"Unset {variables}: the embedded engines keep everything under DOSSIER_DATA.",
    )
