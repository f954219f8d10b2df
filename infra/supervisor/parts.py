"""The processes of a vault: names, commands, environments and numbers."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from infra.supervisor.child import Child
from infra.supervisor.preparing import Prepared
from vault.settings import ALIVE, PART, Role, Settings, environment_of
from workers import embedded_broker

_PYTHON = (sys.executable, "-P", "-m")


@dataclass(frozen=True, slots=True)
class ProcessCounts:
    """How many gateways and workers there are; beat is always one."""

    gateways: int = 1
    workers: int = 1

    @property
    def gateway_names(self) -> tuple[str, ...]:
        """The name of a single one is its kind; several are numbered."""
        return _numbered("gateway", self.gateways)

    @property
    def worker_names(self) -> tuple[str, ...]:
        """As `gateway_names`."""
        return _numbered("worker", self.workers)


def _numbered(name: str, count: int) -> tuple[str, ...]:
    return (name,) if count == 1 else tuple(f"{name}{number}" for number in range(1, count + 1))


def gateway_command(*options: str) -> list[str]:
    """One gateway."""
    return [*_PYTHON, "gateway", *options]


def worker_command() -> list[str]:
    """One worker."""
    return [*_PYTHON, "workers", "worker"]


def beat_command() -> list[str]:
    """The one process that sends ticks."""
    return [*_PYTHON, "workers", "beat"]


def children(
    settings: Settings, environment: Mapping[str, str], prepared: Prepared, counts: ProcessCounts
) -> list[Child]:
    """All of them, not started. Each gets only its own role's credentials; no command line holds a secret."""
    lock, listener = prepared.lock.handle, prepared.listener.fileno()
    common = {**environment, "DOSSIER_DATA": str(settings.data), "PYTHONUNBUFFERED": "1"}

    def gateway(name: str) -> Child:
        hears, says = _pipe()
        command = gateway_command("--fd", str(listener), "--report", str(says))
        return Child(name, command, _environment(Role.GATEWAY, common, name), (lock, listener, says), hears=hears)

    def worker(name: str, command: list[str]) -> Child:
        hears, says = _pipe()
        mine = {**_environment(Role.WORKER, common, name), ALIVE: str(says)}
        if settings.broker_url is not None:
            return Child(name, command, mine, (lock, says), hears=hears, serves=False)
        # kombu moves a message being read through the folder for temporary files.
        lay_out = partial(embedded_broker.lay_out_reading, settings.broker_folder, name)
        mine["TMPDIR"] = str(lay_out())
        return Child(name, command, mine, (lock, says), before=lay_out, hears=hears, serves=False)

    return [
        *map(gateway, counts.gateway_names),
        *(worker(name, worker_command()) for name in counts.worker_names),
        worker("beat", beat_command()),
    ]


def _pipe() -> tuple[int, int]:
    """Ends to read signs of life from, without waiting, and to write them to."""
    hears, says = os.pipe()
    os.set_blocking(hears, False)
    return hears, says


def _environment(role: Role, common: Mapping[str, str], name: str) -> dict[str, str]:
    return {**environment_of(role, common), PART: name}
