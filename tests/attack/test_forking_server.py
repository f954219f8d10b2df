"""Members on several devices, in any order, at a server that is put back, forks, and helps whom it should not.

The model knows what each state of the server holds, and what each device has seen. A device is shown all that was
acknowledged to it, or it says so; nothing is destroyed that nobody may ask for; what a dismissed member signs counts
for nothing; and a director's repair ends a jam and forgets nothing else.
"""

from __future__ import annotations

import contextlib
import dataclasses
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from gateway.stores import StoresWatch
from tests.client.colleagues import join
from tests.client.fixtures import (
    founded_once,
    gateway,
    house,
    no_pauses,
    own_environment,
    quick_argon,
    switch,
)
from tests.client.house import House
from tests.twins.rows import Tables
from vault.domain.erasures import ErasureState
from vault.errors import IntegrityError, VaultError
from vault.records.seen import CHAINS, LEDGER
from vault.sdk.device.home import Home
from vault.sdk.device.pins import Pins
from vault.sdk.device.pins_file import load_pins
from vault.sdk.documents.listing import STORED, list_documents
from vault.sdk.dossiers.finding import load_dossier, open_dossier
from vault.sdk.dossiers.open_dossier import OpenDossier
from vault.sdk.dossiers.repairing import repair, survey
from vault.sdk.dossiers.taking_over import dismiss
from vault.sdk.erasures import following, requesting, withdrawing
from vault.sdk.keys.keyring import Keyring
from vault.sdk.people.chains import fetch_chains
from vault.sdk.people.session import SignedIn

__all__ = ["founded_once", "gateway", "house", "no_pauses", "own_environment", "quick_argon", "switch"]

PICK = st.integers(min_value=0, max_value=1000)
Names = frozenset[str]


@dataclass
class Device:
    """A member's device: what it was shown, and what was acknowledged to it."""

    home: Home
    of: SignedIn
    saw: Names = frozenset()
    gone: bool = False

    @property
    def keyring(self) -> Keyring:
        return self.of.keyring

    @property
    def pins(self) -> Pins:
        return load_pins(self.home, self.keyring.pins_key)

    def command(self, house: House) -> SignedIn:
        """The next command, as it begins."""
        api, pins = house.gateway.begin_session(self.keyring.member), self.pins
        one = SignedIn(api, self.home, self.keyring, pins, fetch_chains(api, self.keyring, pins), self.of.keyring_key)
        one.save_pins()
        return one


@dataclass(frozen=True)
class World:
    """A state of the server: its rows, and the documents that it acknowledged and still owes."""

    rows: Tables
    owes: Names
    dismissed: bool


@dataclass
class Beginning:
    """Where every example begins: a dossier that a coach opened, held by two directors and her."""

    house: House
    members: list[SignedIn]
    dossier: str
    rows: Tables
    folder: Path
    examples: int = 0
    files: int = 0
    clock: int = 0
    homes: list[Home] = field(default_factory=list)


def beginning(house: House, folder: Path) -> Beginning:
    director = house.signed_in
    second, coach = join(house, director, "Mede", "director"), join(house, director, "Carla", "coach")
    director.refresh()
    coach.refresh()
    dossier = open_dossier(coach, "Anna Bakker", "client", "begeleiding")
    members = [director, second, coach]
    for one in members:
        one.save_pins()
    return Beginning(house, members, dossier, house.gateway.rows.copy(), folder)


class Devices(RuleBasedStateMachine):
    start: Beginning

    def __init__(self) -> None:
        super().__init__()
        start = self.start
        start.examples += 1
        self.house = start.house
        self.folder = start.folder / str(start.examples)
        self.house.ports.store._tables = start.rows.copy()  # type: ignore[attr-defined]
        self.devices: list[Device] = []
        for number, member in enumerate(start.members):
            self.devices.append(self.device(member, member.home.path, number))
        self.owes: Names = frozenset()
        self.destroyed: Names = frozenset()
        self.dismissed = False
        self.kept: list[World] = []
        self.put_back_over_destruction = False

    def device(self, of: SignedIn, pattern: Path | None, number: int) -> Device:
        path = self.folder / str(number)
        if pattern is not None and pattern.exists():
            shutil.copytree(pattern, path)
        return Device(Home(path), of)

    # What the model knows

    def pick(self, which: int) -> Device:
        return self.devices[which % len(self.devices)]

    def knows(self, device: Device) -> bool:
        """Whether the server holds everything of rosters and dossier that this device has pinned, and did not set aside."""
        pins, rows = device.pins, self.house.gateway.rows
        rosters = {row.hash for (kind, _), row in rows.chain.items() if kind == "roster"}
        if not {each.hash for each in pins.rosters} <= rosters:
            return False
        head, index = pins.head_of(self.start.dossier), pins.index_of(self.start.dossier)
        links = {row.hash for (of, _), row in rows.index_link.items() if of == self.start.dossier}
        return (head is None or head.head in rows.record) and (index is None or index.index in links)

    def trusts(self, device: Device) -> bool:
        """Whether it holds the pinned ends of ledger and checkpoints too."""
        pins, rows = device.pins, self.house.gateway.rows
        for chain in CHAINS:
            mark = pins.marks.get(chain)
            row = None if mark is None else rows.chain.get(("tombstone" if chain == LEDGER else chain, mark.number))
            if mark is not None and (row is None or row.hash != mark.hash):
                return False
        return True

    def is_out(self, device: Device) -> bool:
        return self.dismissed and device.keyring.member == self.start.members[2].member

    def opened(self, device: Device) -> OpenDossier:
        return load_dossier(device.command(self.house), self.start.dossier, contents=True)

    def says_no(self, act: Callable[[], Any]) -> bool:
        """Whether it ends in an error of ours, which is no fault of the code."""
        try:
            act()
        except VaultError:
            return True
        return False

    # What members do

    @initialize(later=st.booleans(), leaves=st.booleans())
    def begin_with_something_to_lose(self, later: bool, leaves: bool) -> None:
        """A state to go back to, and a device that has seen more: of the dossier, of the rosters, of checkpoints."""
        self.deposit(0)
        self.keep()
        if later:
            self.deposit(1)
        if leaves:
            self.dismiss(0)
        self.sign_a_checkpoint()
        self.look(0)

    @rule(which=PICK)
    def look(self, which: int) -> None:
        device = self.pick(which)
        if self.is_out(device) or not self.knows(device):
            assert self.says_no(lambda: self.shown(device)), "less than this device has seen, and it did not say so"
            return
        shown = self.shown(device)
        assert shown == self.owes - self.destroyed
        assert device.saw - self.destroyed <= shown
        device.saw = shown

    def shown(self, device: Device) -> Names:
        dossier = self.opened(device)
        found = list_documents(dossier, quarantine=[])
        dossier.signed_in.save_pins()
        return frozenset(one.metadata.name for one in found if one.state == STORED)

    @rule(which=PICK)
    def deposit(self, which: int) -> None:
        device = self.pick(which)
        self.start.files += 1
        name = f"f{self.start.files}"
        if self.is_out(device) or not self.knows(device):
            assert self.says_no(lambda: self.put(device, name))
            return
        taken = not self.says_no(lambda: self.put(device, name))
        assert taken == self.trusts(device), "signed over what it doubts, or refused an honest server"
        if taken:
            self.owes |= {name}
            device.saw |= {name}

    def put(self, device: Device, name: str) -> None:
        (outcome,) = self.house.deposit(self.house.write(name, name.encode()), dossier=self.opened(device))
        assert outcome.state == STORED, outcome

    @precondition(lambda self: not self.put_back_over_destruction)
    @rule(which=PICK, what=PICK)
    def erase(self, which: int, what: int) -> None:
        device = self.pick(which)
        if self.is_out(device) or not self.knows(device) or not self.trusts(device):
            return
        dossier = self.opened(device)
        there = list_documents(dossier, quarantine=[])
        if there:
            one = there[what % len(there)]
            asked = requesting.request(dossier, [one], "client")
            following.wait(dossier.signed_in, asked, sleep=lambda _: self.house.sweep())
            self.destroyed |= {one.metadata.name}
            device.saw -= {one.metadata.name}

    @rule(which=PICK, what=PICK)
    def take_back(self, which: int, what: int) -> None:
        """What was asked and taken back destroys nothing, though the server's row says otherwise."""
        device = self.pick(which)
        if self.is_out(device) or not self.knows(device) or not self.trusts(device):
            return
        dossier = self.opened(device)
        there = list_documents(dossier, quarantine=[])
        if there:
            asked = requesting.request(dossier, [there[what % len(there)]], "staff")
            withdrawing.undo(dossier.signed_in, asked.id)
            rows = self.house.gateway.rows.erasure
            rows[asked.id] = dataclasses.replace(
                rows[asked.id], state=ErasureState.REQUESTED, not_before=device.of.now()
            )
            self.house.sweep()
            rows.pop(asked.id)
            self.look(which)

    @precondition(lambda self: not self.dismissed)
    @rule(which=st.integers(min_value=0, max_value=1))
    def dismiss(self, which: int) -> None:
        device = self.devices[which]
        if not self.knows(device) or not self.trusts(device):
            return
        one = device.command(self.house)
        dismiss(one, self.start.members[2].member)
        one.save_pins()
        self.dismissed = True

    @precondition(lambda self: len(self.devices) < 6)
    @rule(which=st.integers(min_value=0, max_value=2))
    def begin_on_a_new_device(self, which: int) -> None:
        """Of an older state that was whole once it cannot know; what it is shown is that state, whole."""
        self.devices.append(self.device(self.start.members[which], None, len(self.devices)))
        self.look(len(self.devices) - 1)

    @rule(which=st.integers(min_value=0, max_value=1))
    def repair(self, which: int) -> None:
        """A director's own jam ends, except where rosters were lost; nobody sees anything that is not there."""
        device = self.devices[which]
        if self.says_no(lambda: device.command(self.house)):
            return
        one = device.command(self.house)
        asides = survey(one)
        if asides:
            repair(one, asides, "put back")
            assert self.knows(device)
            assert self.trusts(device)
            device.saw &= self.owes
            self.look(which)

    # What the server does

    @rule()
    def sign_a_checkpoint(self) -> None:
        self.start.clock += 3600
        self.house.move(f"+{self.start.clock}s")
        self.house.checkpoint()

    @precondition(lambda self: len(self.kept) < 3)
    @rule()
    def keep(self) -> None:
        self.kept.append(World(self.house.gateway.rows.copy(), self.owes, self.dismissed))

    @precondition(lambda self: self.kept)
    @rule(which=PICK)
    def put_back(self, which: int) -> None:
        """A restore; or the next face of a server that has several."""
        now = World(self.house.gateway.rows.copy(), self.owes, self.dismissed)
        world = self.kept[which % len(self.kept)]
        stones = [key for key in now.rows.chain if key[0] == "tombstone"]
        self.put_back_over_destruction |= not all(key in world.rows.chain for key in stones)
        self.house.ports.store._tables = world.rows.copy()  # type: ignore[attr-defined]
        self.owes, self.dismissed = world.owes, world.dismissed
        self.kept[which % len(self.kept)] = now

    @precondition(lambda self: self.dismissed and any(not world.dismissed for world in self.kept))
    @rule()
    def help_the_dismissed(self) -> None:
        """On rows from before she was dismissed she deposits; then the server shows the newest rosters beside it."""
        now = self.house.gateway.rows.copy()
        before = next(world for world in self.kept if not world.dismissed)
        coach = self.device(self.start.members[2], None, 100 + self.start.files)
        self.start.files += 1
        self.house.ports.store._tables = before.rows.copy()  # type: ignore[attr-defined]
        if not self.says_no(lambda: self.put(coach, f"forged{self.start.files}")):
            for key, row in now.chain.items():
                self.house.gateway.rows.chain.setdefault(key, row)
            victim = self.device(self.start.members[0], None, 200 + self.start.files)
            self.start.files += 1
            with contextlib.suppress(IntegrityError):
                assert not any(name.startswith("forged") for name in self.shown(victim))
        self.house.ports.store._tables = now  # type: ignore[attr-defined]


@pytest.fixture(autouse=True)
def _never_frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    """An honest server that was put back stands still; this one lies, and goes on."""

    async def nothing(_: StoresWatch) -> tuple[()]:
        return ()

    monkeypatch.setattr(StoresWatch, "findings", nothing)


def test_no_server_makes_a_device_forget_what_it_saw(house: House, no_pauses: None, tmp_path: Path) -> None:
    Devices.start = beginning(house, tmp_path / "devices")
    few = max(8, settings.default.max_examples // 3)
    run_state_machine_as_test(
        Devices,
        settings=settings(
            settings.default,
            max_examples=few,
            stateful_step_count=16,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
