"""The installation's keys for tests, made of a letter: all of them in one process, or those of one role."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import datetime

from vault.adapters.installation import GATEWAYS, SECRETS, WORKERS, InstallationKeys, file_of, make
from vault.flows.context import Ports
from vault.records.types.roster import USES, RosterKey
from vault.settings import Role, Settings
from vault.wiring import build


def _seed(letter: str, name: str) -> bytes:
    return f"{letter}{name:.>31}".encode()


def keys(letter: str = "I", uses: tuple[str, ...] = USES) -> InstallationKeys:
    """Everything in one process, as tests of flows have it; or the keys of some uses, with every secret."""
    seeds = {use: _seed(letter, use) for use in uses}
    return InstallationKeys(seeds, {name: _seed(letter, name) for name in SECRETS})


def as_worker(ports: Ports) -> Ports:
    """The same ports in a process with a worker's keys alone."""
    return _with(ports, WORKERS, (), {})


def as_gateway(ports: Ports) -> Ports:
    """The same ports in a process with a gateway's keys and secrets alone, which knows every public half."""
    return _with(ports, GATEWAYS, SECRETS, ports.installation.public)


def _with(ports: Ports, uses: tuple[str, ...], names: tuple[str, ...], public: Mapping[str, bytes]) -> Ports:
    whole = ports.installation
    assert isinstance(whole, InstallationKeys)
    seeds = {use: bytes(whole._keys[use]) for use in uses}
    own = InstallationKeys(seeds, {name: whole.secret(name) for name in names}, public)
    return dataclasses.replace(ports, installation=own)


def listed(known: InstallationKeys, since: datetime) -> tuple[RosterKey, ...]:
    """The keys as a roster lists them."""
    return tuple(RosterKey(key, (use,), since) for use, key in sorted(known.public.items()))


def built(settings: Settings) -> Ports:
    """The ports on these settings, with the keys of both roles, which are made if they are missing."""
    base = settings.installation_key
    make(base, base, set_up=False)
    seeds = {name: file_of(base, name).read_bytes() for name in (*USES, *SECRETS)}
    whole = InstallationKeys({use: seeds[use] for use in USES}, {name: seeds[name] for name in SECRETS})
    return dataclasses.replace(build(settings, Role.GATEWAY), installation=whole)


def renewed(ports: Ports, use: str, letter: str = "K") -> Ports:
    """The same ports after the operator replaced the key of one use by a new one."""
    whole = ports.installation
    assert isinstance(whole, InstallationKeys)
    seeds = {**{each: bytes(key) for each, key in whole._keys.items()}, use: _seed(letter, use)}
    return dataclasses.replace(ports, installation=InstallationKeys(seeds, whole._secrets, whole.public))
