"""A vault on its settings, as its processes see it, with a practice whose ciphertexts are real, and its backups."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.actors import TOKEN
from tests.attack.real import RealPractice
from tests.contract.places import MIGRATING, _migrated
from tests.installation import built
from vault.age import HybridIdentity
from vault.files import write_private
from vault.flows.context import Ports
from vault.flows.erasures import retention
from vault.flows.positions import adopting, escrowing
from vault.flows.positions.copies import keep_copies
from vault.flows.positions.keeping import shut
from vault.records import envelope as envelopes
from vault.records.types.roster import Roster
from vault.settings import Settings

SHEET = HybridIdentity(b"S" * 32)
NOW = datetime.now(UTC).replace(microsecond=0)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


class Paper(RealPractice):
    """A practice with a sheet that opens."""

    def first_roster(self):
        roster = replace(Roster.read(super().first_roster()), recovery=SHEET.recipient().to_string())
        return envelopes.write("roster", roster.content(), practice=self.id, signer="root", key=self.root)


class Vault:
    """One installation in a folder, whose practice goes on whatever is put back."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        self.backups = folder / "backups"
        self.environment = {"DOSSIER_DATA": str(self.data)}
        self.make()
        self.ports = self.open()
        self.practice = Paper(self.ports, NOW).set_up()
        self.work()

    @property
    def identity(self) -> HybridIdentity:
        return HybridIdentity(bytes(self.practice.director.identity))

    def make(self) -> None:
        """Migrated databases, keys and a token: as a start makes them."""
        self.data.mkdir(mode=0o700, parents=True)
        for name, (make, migrate) in MIGRATING.items():
            write_private(self.data / f"{name}.db", _migrated(make, migrate))
        write_private(self.data / "setup-token", TOKEN)

    def open(self) -> Ports:
        """The ports of both roles, on what is there now."""
        ports = built(Settings.from_environment(self.environment))
        adopting.adopt(ports)
        return ports

    def again(self) -> None:
        """After a restore: the same practice on new ports."""
        gc.collect()
        self.ports = self.practice.ports = built(Settings.from_environment(self.environment))

    def work(self, now: datetime | None = None) -> None:
        """What the worker does within a minute; nothing while the vault is frozen."""
        now = now or self.practice.now
        if shut(self.ports, now):
            return
        retention.sweep(self.ports, now)
        escrowing.renew(self.ports, now)
        keep_copies(self.ports)


def killed(act: Callable[[], object]) -> int:
    """The exit code of a process that does it."""
    pid = os.fork()
    if not pid:
        try:
            act()
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
