"""A vault on its settings, as its processes see it, with a practice whose ciphertexts are real, and its backups."""

from __future__ import annotations

import copy
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from infra.backup.folder import BackupSet
from infra.backup.opening import Opened
from infra.backup.places import Places
from infra.backup.restoring import Restored, restore
from tests.actors import TOKEN
from tests.attack.real import Attacker, RealPractice
from tests.contract.places import MIGRATING, _migrated
from tests.installation import built
from vault.age import HybridIdentity
from vault.files import write_private
from vault.flows.context import Ports
from vault.flows.erasures import retention
from vault.flows.positions import adopting, escrowing, restoring
from vault.flows.positions.copies import keep_copies
from vault.flows.positions.keeping import shut
from vault.records import envelope as envelopes
from vault.records.types.restoration import Restoration
from vault.records.types.roster import Roster
from vault.sdk.keys.sheet import Sheet
from vault.secret import Secret
from vault.settings import Settings

PAPER = Sheet(Secret(b"S" * 32))
SHEET = PAPER.identity
NOW = datetime.now(UTC).replace(microsecond=0)
MADE: list[Vault] = []  # each is released at the end of its test
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


class Paper(RealPractice):
    """A practice with a sheet that opens."""

    def first_roster(self):
        roster = replace(Roster.read(super().first_roster()), recovery=SHEET.recipient().to_string())
        return envelopes.write("roster", roster.content(), practice=self.id, signer="root", key=self.root)


class Vault:
    """One installation in a folder, whose practice goes on whatever is put back."""

    def __init__(self, folder: Path, *, director: bytes | None = None, **elsewhere: str) -> None:
        MADE.append(self)
        self.data = folder / "data"
        self.backups = folder / "backups"
        self.environment = {"DOSSIER_DATA": str(self.data), **elsewhere}
        self.make()
        self.ports = self.open()
        self.practice = Paper(self.ports, NOW)
        self.practice.director.identity = director or self.practice.director.identity
        self.practice.set_up()
        self.work()

    def copied(self, folder: Path) -> Vault:
        """The same vault in another folder, with a practice of its own from here on: making one takes long."""
        other = copy.copy(self)
        other.data, other.backups = folder / "data", folder / "backups"
        other.environment = {"DOSSIER_DATA": str(other.data)}
        self.release()
        shutil.copytree(self.data, other.data)
        other.ports = other.open()
        other.practice = copy.copy(self.practice)
        for name, value in vars(other.practice).items():
            if isinstance(value, dict | list):
                setattr(other.practice, name, value.copy())
        other.practice.ports = other.ports
        MADE.append(other)
        return other

    @property
    def identity(self) -> HybridIdentity:
        return HybridIdentity(bytes(self.practice.director.identity))

    def make(self) -> None:
        """Migrated databases, keys and a token: as a start makes them."""
        self.data.mkdir(mode=0o700, parents=True)
        for name, (make, migrate) in () if "DOSSIER_DATABASE_URL" in self.environment else MIGRATING.items():
            write_private(self.data / f"{name}.db", _migrated(make, migrate))
        write_private(self.data / "setup-token", TOKEN)

    def open(self) -> Ports:
        """The ports of both roles, on what is there now."""
        ports = built(Settings.from_environment(self.environment))
        adopting.adopt(ports)
        return ports

    def again(self, **environment: str) -> None:
        """After a restore: the same practice on new ports."""
        self.release()
        self.environment = environment or self.environment
        self.ports = self.practice.ports = built(Settings.from_environment(self.environment))

    def work(self, now: datetime | None = None) -> None:
        """What the worker does within a minute; nothing while the vault is frozen."""
        now = now or self.practice.now
        if shut(self.ports, now):
            return
        retention.sweep(self.ports, now)
        escrowing.renew(self.ports, now)
        keep_copies(self.ports)

    def opens(self) -> dict[str, bytes]:
        """What somebody who holds the data and everybody's keys can read."""
        return Attacker(self.practice, [self.data], self.data).open_everything().plain

    def living(self) -> set[str]:
        """The documents of the records whose keys and bodies are there."""
        return set(self.opens())

    def accept(self) -> None:
        """The director signs for what was put back, and the worker follows."""
        shut(self.ports, self.practice.now)
        caller, person = self.practice.director.caller, self.practice.director
        stores = restoring.restoration_state(self.ports, caller, self.practice.now).stores
        content = Restoration(self.practice.chain.standing, stores, "the disk", self.practice.now, signer=person.id)
        answer = restoring.restore(self.ports, caller, self.practice.sign("restoration", content.content(), person))
        assert isinstance(answer, Restoration), answer

    def put_back(self, found: BackupSet, **changes) -> Restored:
        """Restore that set by the director's device."""
        self.release()
        places = Places.of(self.environment)
        made = restore(places, Opened(found, self.identity), self.practice.now, **changes)
        self.again()
        return made

    def release(self) -> None:
        """Close every connection, before files are replaced."""
        for port in (self.ports.store, self.ports.keystore):
            port._engine.dispose()


def killed(act: Callable[[], object]) -> int:
    """The exit code of a process that does it."""
    pid = os.fork()
    if not pid:
        try:
            act()
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
