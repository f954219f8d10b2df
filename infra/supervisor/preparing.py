"""Preparations before the first child starts: folders, databases, keys, the set-up token, a free port."""

from __future__ import annotations

import errno
import socket
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from infra.supervisor.engines import Engines, Tell
from infra.supervisor.lock import DataLock
from vault.adapters.setup_token import SetupTokenFile
from vault.adapters.sql.migrate import migrate_database, migrate_keystore
from vault.errors import ConfigurationError, VaultError
from vault.files import unavailable_on_failure
from vault.settings import Bucket, Role, Settings, environment_of
from vault.wiring import adopt, begin_keys, keystore, make_keys, opened, records
from workers import embedded_broker, outside_broker

_BACKLOG = 2048
_OURS = {"lock", "records.db", "keystore.db", "keys", "setup-token"}
_NOBODYS = {"lost+found"}


@dataclass(frozen=True, slots=True)
class Prepared:
    """The inherited handles of the children, and whether a practice is set up."""

    lock: DataLock
    listener: socket.socket
    set_up: bool


def prepare(settings: Settings, environment: Mapping[str, str], tell: Tell) -> Prepared:
    """Lock the data, make missing parts and migrate both databases; repeatable.

    Raises VaultError, and Stopped when a signal came while it waited; no child is started then.
    """
    roles = {role: Settings.from_environment(environment_of(role, environment)) for role in Role}
    _make_folder(settings.data)
    lock = DataLock(settings.data / "lock")
    lock.take()
    with ExitStack() as undone:
        listener = undone.enter_context(listen(settings))
        engines = Engines(tell)
        _lay_out_queue(settings, engines)
        _migrate(roles[Role.OWNER], engines)
        for role in (Role.WORKER, Role.GATEWAY):  # the worker first: its role may make the first generation of keys
            _check(role, roles[role], engines)
        set_up = _settle_token(roles[Role.GATEWAY])
        make_keys(roles[Role.WORKER], roles[Role.GATEWAY], set_up=set_up)
        undone.pop_all()
    return Prepared(lock, listener, set_up)


def _lay_out_queue(settings: Settings, engines: Engines) -> None:
    url = settings.broker_url
    with unavailable_on_failure(settings.data):
        if url is None:
            embedded_broker.lay_out(settings.broker_folder, settings.broker_queue)
            return
        settings.timetable_folder.mkdir(mode=0o700, exist_ok=True)
    engines.ask("broker", lambda: outside_broker.reach(url, settings.broker_queue), outside=True)


def _migrate(owner: Settings, engines: Engines) -> None:
    for name, url, make, migrate in (
        ("records", owner.database_url, records, migrate_database),
        ("keystore", owner.keystore_url, keystore, migrate_keystore),
    ):
        engine = make(owner)
        try:
            engines.ask(name, partial(migrate, engine), outside=url is not None)
        finally:
            engine.dispose()


def _check(role: Role, settings: Settings, engines: Engines) -> None:
    """Check that every engine answers and accepts the credentials of that role."""
    sql = settings.database_url is not None
    with opened(settings) as ports:
        if role is Role.WORKER:
            engines.ask(f"stores, as the {role}", partial(adopt, settings), outside=sql)
            engines.ask(f"keystore, as the {role}", partial(begin_keys, settings), outside=sql)
        engines.ask(f"records, as the {role}", ports.store.check, outside=sql)
        engines.ask(f"keystore, as the {role}", ports.keystore.check, outside=sql)
        engines.ask(f"objects, as the {role}", ports.objects.check, outside=isinstance(settings.objects, Bucket))


def _settle_token(settings: Settings) -> bool:
    """Whether a practice is set up; make the token if not, remove it if so."""
    with opened(settings) as ports, ports.store.reading() as rows:
        set_up = rows.practice() is not None
    token = SetupTokenFile(settings.setup_token_file)
    if set_up:
        token.spend()
    else:
        token.make()
    return set_up


def listen(settings: Settings) -> socket.socket:
    """The listening socket: connections made while the gateway restarts wait instead of being refused."""
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
