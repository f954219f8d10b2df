"""What must stand before the first child starts: folders, databases, keys, the set-up token, a free port."""

from __future__ import annotations

import errno
import socket
from dataclasses import dataclass
from pathlib import Path

from infra.supervisor.lock import DataLock
from vault.adapters.files import unavailable_on_failure
from vault.adapters.migrate import migrate_keystore, migrate_records
from vault.adapters.setup_token import SetupTokenFile
from vault.errors import ConfigurationError, VaultError
from vault.settings import Settings
from vault.wiring import build, keystore, records
from workers import broker

_BACKLOG = 2048
_OURS = {"lock", "records.db", "keystore.db"}
_NOBODYS = {"lost+found"}


@dataclass(frozen=True, slots=True)
class Prepared:
    """What the children inherit, and whether a practice has been set up."""

    lock: DataLock
    listener: socket.socket
    set_up: bool


def prepare(settings: Settings) -> Prepared:
    """Lock the data, then make what is missing and bring both databases up to date; repeatable.

    Raises VaultError, and then no child was started.
    """
    _make_folder(settings.data)
    lock = DataLock(settings.data / "lock")
    lock.take()
    listener = listen(settings)
    with unavailable_on_failure(settings.data):
        broker.lay_out(settings.broker_folder)
    _migrate(settings)
    ports = build(settings)
    ports.keystore.check()
    ports.objects.check()
    with ports.store.transaction() as rows:
        set_up = rows.practice() is not None
    token = SetupTokenFile(settings.setup_token_file)
    if set_up:
        token.spend()
    else:
        token.make()
    return Prepared(lock, listener, set_up)


def listen(settings: Settings) -> socket.socket:
    """The listening socket: who calls while the gateway starts anew waits, and is not turned away."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server((settings.host, settings.port), family=family, backlog=_BACKLOG)
    except OSError as error:
        raise _port_refusal(settings, error) from error


def _port_refusal(settings: Settings, error: OSError) -> VaultError:
    address = f"{settings.host}:{settings.port}"
    if error.errno == errno.EADDRINUSE:
        return VaultError(
            f"another program already listens on {address}; nothing was started",
            advice="Stop that program, or choose another port, for example DOSSIER_LISTEN=127.0.0.1:8421.",
        )
    return ConfigurationError(
        f"nothing can listen on {address}: {error.strerror}",
        advice="Write an address of this machine and a port above 1023 into DOSSIER_LISTEN.",
    )


def _make_folder(data: Path) -> None:
    with unavailable_on_failure(data):
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = {path.name for path in data.iterdir()}
        if found - _NOBODYS and not found & _OURS:
            raise ConfigurationError(
                f"{data} holds other things than a vault; nothing was started",
                advice="Choose an empty folder, or one that does not exist yet, with DOSSIER_DATA.",
            )
        data.chmod(0o700)


def _migrate(settings: Settings) -> None:
    for engine, migrate in ((records(settings), migrate_records), (keystore(settings), migrate_keystore)):
        try:
            migrate(engine)
        finally:
            engine.dispose()
