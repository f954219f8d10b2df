"""An older link of a dossier's index is damaged or lost in the database of a real gateway.

A device that is behind it says which one of which dossier, and goes on with everything else; nobody else notices.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import delete, insert

from tests.client.fixtures import own_environment, quick_argon, switch
from tests.faults.test_damage import Practice, practice
from vault.adapters.database.tables import index_link
from vault.sdk.device.home import Home

__all__ = ["own_environment", "practice", "quick_argon", "switch"]

pytestmark = pytest.mark.slow

Damage = Callable[[Practice, dict[str, Any]], None]


def lose(practice: Practice, where: dict[str, Any]) -> None:
    with practice.gateway._opened(index_link) as connection:
        chosen = [index_link.c[name] == value for name, value in where.items()]
        assert connection.execute(delete(index_link).where(*chosen)).rowcount == 1


DAMAGE: dict[str, Damage] = {
    "lost": lose,
    "half": lambda at, where: at.gateway.cut(index_link, "record", **where),
    "bit": lambda at, where: at.gateway.flip(index_link, "record", **where),
    "signature": lambda at, where: at.gateway.flip(index_link, "signatures", **where),
}


@dataclass
class Devices:
    """Three devices of one director: one saw the link before the damaged one, one saw all, one is new."""

    practice: Practice
    set_home: Callable[[Home], None]
    behind: Home
    fresh: Home
    damaged: dict[str, Any]

    def does(self, home: Home, *argv: object) -> tuple[int, Any]:
        self.set_home(home)
        return self.practice.does(*argv)

    def names(self, home: Home) -> list[str]:
        code, value = self.does(home, "ls", self.practice.anna())
        assert code == 0
        return [one["name"] for one in value["documents"]]


@pytest.fixture
def devices(practice: Practice, monkeypatch: pytest.MonkeyPatch) -> Devices:
    house = practice.house

    def set_home(home: Home) -> None:
        monkeypatch.setenv("DOSSIER_HOME", str(home.path))

    behind = house.device("behind", "+240s").home
    made = Devices(practice, set_home, behind, Home(house.folder / "fresh"), {})
    assert made.names(behind) == ["a.txt", "b.txt"]
    seen = practice.newest_index()
    for name in ("c.txt", "d.txt", "e.txt"):
        house.put(house.dossier, **{name: name.encode()})
    made.damaged = {**seen, "sequence": seen["sequence"] + 2}
    house.device("fresh", "+360s")
    return made


ALL = ["a.txt", "b.txt", "c.txt", "d.txt", "e.txt"]


@pytest.mark.parametrize("place", DAMAGE)
def test_a_device_behind_is_told_which_and_goes_on_with_the_rest(devices: Devices, place: str) -> None:
    practice, anna, out = devices.practice, devices.practice.anna(), devices.practice.house.folder
    DAMAGE[place](practice, devices.damaged)
    number = devices.damaged["sequence"]
    code, value = devices.does(devices.behind, "ls")
    assert (code, [one["name"] for one in value["dossiers"]]) == (0, ["Anna Bakker", "Bob"])
    for argv in (
        ("ls", anna),
        ("cat", anna, "a.txt", "--out", out / "a"),
        ("share", anna),
        ("export", anna, out / "export"),
        ("put", "Anna Bakker", out / "a.txt"),
        ("audit", "verify", anna),
    ):
        code, error = devices.does(devices.behind, *argv)
        assert (code, error["code"]) == (7, "links_missing"), argv
        assert f"index {number} of the dossier {anna} (Anna Bakker)" in error["message"]
        assert f"dossier repair link:{anna}:{number}:" in error["advice"]
    assert not (out / "a").exists()
    code, value = devices.does(devices.behind, "ls", "Bob")
    assert (code, [one["name"] for one in value["documents"]]) == (0, ["c.txt"])
    assert devices.does(devices.behind, "cat", "Bob", "c.txt", "--out", out / "c")[0] == 0
    assert devices.does(devices.behind, "share", "Bob")[0] == 0
    assert devices.does(devices.behind, "export", "Bob", out / "bob")[0] == 0


@pytest.mark.parametrize("device", ["fresh", "home"])
def test_who_is_not_behind_does_not_notice(devices: Devices, device: str) -> None:
    practice, anna, out = devices.practice, devices.practice.anna(), devices.practice.house.folder
    lose(practice, devices.damaged)
    home = devices.fresh if device == "fresh" else practice.house.home
    assert devices.does(home, "ls")[0] == 0
    assert devices.names(home) == ALL
    assert devices.does(home, "cat", anna, "d.txt", "--out", out / "d")[0] == 0
    assert devices.does(home, "share", anna)[0] == 0
    assert devices.does(home, "export", anna, out / "export")[0] == 0
    assert devices.does(home, "put", anna, practice.house.write("f.txt", b"f"))[0] == 0
    assert devices.does(home, "audit", "verify", anna)[0] == 0
    practice.erased(anna)


def test_a_device_behind_erases_the_dossier_by_its_id(devices: Devices) -> None:
    lose(devices.practice, devices.damaged)
    devices.set_home(devices.behind)
    devices.practice.erased(devices.practice.anna())
    code, value = devices.does(devices.behind, "ls")
    assert (code, [one["name"] for one in value["dossiers"]]) == (0, ["Bob"])


def test_an_audit_of_all_names_the_one_and_verifies_the_others(devices: Devices) -> None:
    lose(devices.practice, devices.damaged)
    code, value = devices.does(devices.behind, "audit", "verify")
    anna = devices.practice.anna()
    assert code == 7
    assert {check["name"].partition(".")[0] for check in value["checks"]} == {*_dossiers(devices)}
    assert {check["name"].partition(".")[0] for check in value["checks"] if not check["ok"]} == {anna}


def _dossiers(devices: Devices) -> list[str]:
    return [one["id"] for one in devices.does(devices.fresh, "ls")[1]["dossiers"]]


def test_a_director_who_saw_more_ends_it_for_every_device(devices: Devices) -> None:
    practice, anna = devices.practice, devices.practice.anna()
    lose(practice, devices.damaged)
    advice = devices.does(devices.behind, "ls", anna)[1]["advice"]
    code_word = advice.rpartition("dossier repair ")[2]
    assert devices.does(practice.house.home, "repair", code_word[:-1] + "0", "--reason", "x")[0] == 7
    assert devices.does(devices.behind, "ls", anna)[0] == 7
    assert devices.does(practice.house.home, "repair", code_word, "--reason", "the row is lost")[0] == 0
    assert devices.names(devices.behind) == ALL
    assert devices.names(devices.fresh) == ALL


def test_a_director_behind_ends_it_herself_and_so_does_the_operator(devices: Devices) -> None:
    practice = devices.practice
    kept = practice.gateway.row(index_link, **devices.damaged)
    lose(practice, devices.damaged)
    assert devices.does(devices.behind, "ls", practice.anna())[0] == 7
    with practice.gateway._opened(index_link) as connection:
        connection.execute(insert(index_link).values(kept))
    assert devices.names(devices.behind) == ALL
    lose(practice, {**devices.damaged, "sequence": devices.damaged["sequence"] - 1})
    code, value = devices.does(devices.behind, "repair", "--reason", "x")
    assert (code, "repairs" in value) == (0, True), "it is not behind any more"


def test_a_lost_link_and_the_one_after_it_are_ended_by_a_device_behind(devices: Devices) -> None:
    practice = devices.practice
    for number in (0, -1):
        lose(practice, {**devices.damaged, "sequence": devices.damaged["sequence"] + number})
    code, error = devices.does(devices.behind, "ls", practice.anna())
    numbers = f"{devices.damaged['sequence'] - 1}-{devices.damaged['sequence']}"
    assert (code, f"index {numbers} of the dossier" in error["message"]) == (7, True)
    code, value = devices.does(devices.behind, "repair", "--reason", "two rows are lost")
    assert (code, [each.partition(":")[0] for each in value["repair"]["sets_aside"]]) == (0, ["link"])
    assert devices.names(devices.behind) == ALL
