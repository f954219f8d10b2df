"""A year of a practice: two directors and three coaches, who join, hand over, lose a telephone, leave and come back."""

from __future__ import annotations

import itertools
import secrets
from pathlib import Path

import pytest

from tests.infra.serving import Server
from tests.journeys.machine import EMAIL, Director, Machine
from vault.sdk.keys import one_time_codes


class Member(Machine):
    """Somebody who joins, on a machine of her own; her commands run in this process."""

    here = True
    numbers = itertools.count()

    def __init__(self, folder: Path, url: str, name: str) -> None:
        self.name, self.email = name, f"{name.lower()}@debrug.example"
        here = folder / f"{name} {next(self.numbers)}"
        here.mkdir(parents=True)
        (here / "password").write_text(secrets.token_urlsafe(24))
        one_time_codes.write_secret_file(here / "totp", one_time_codes.new_secret())
        files = {"DOSSIER_PASSWORD_FILE": str(here / "password"), "DOSSIER_TOTP_FILE": str(here / "totp")}
        super().__init__(here, url, **files)

    def sees(self) -> set[str]:
        """The names of the dossiers that she is shown."""
        return {one["name"] for one in self.dossier("ls").result["dossiers"]}


def read(member: Machine, dossier: str, document: str) -> bytes | None:
    """A document, as that member gets it; None where she does not."""
    out = member.folder / secrets.token_hex(4)
    said = member.dossier("cat", dossier, document, "--out", str(out), expect=None)
    return out.read_bytes() if said.code == 0 else None


@pytest.fixture
def practice(server: Server, director: Director, tmp_path: Path) -> Practice:
    return Practice(server, director, tmp_path)


class Practice:
    """The director and whoever she lets in."""

    def __init__(self, server: Server, director: Director, folder: Path) -> None:
        self.server, self.director, self.folder = server, director, folder

    def joins(self, name: str, role: str, *invite: str, sheet: str | None = None) -> Member:
        """Invite, join, confirm, sign in."""
        member = Member(self.folder, self.server.url, name)
        made = self.director.dossier("invite", "--role", role, "--email", member.email, *invite).result
        joined = member.dossier("join", made["link"], "--name", name, "--email", member.email).result
        confirmed = ["people", "confirm", member.email, "--words", joined["words"]]
        self.director.dossier(*confirmed, *(() if sheet is None else ("--sheet", sheet)))
        member.dossier("login", "--email", member.email)
        return member


def test_a_year_and_at_its_end_each_opens_what_is_hers(practice: Practice) -> None:
    anna, year = practice.director, secrets.token_hex(3)
    names = {one: f"{one} {year}" for one in ("Jan", "Kim", "Lot", "Mas")}
    content = {one: f"van {one} {year}".encode() for one in names}
    for one in ("Jan", "Kim", "Lot"):
        anna.stored(names[one], anna.write(f"{one}.txt", content[one]))

    esther = practice.joins("Esther", "director")
    bram, carla, daan = (practice.joins(name, "coach") for name in ("Bram", "Carla", "Daan"))
    assert {names["Jan"], names["Kim"], names["Lot"]} <= esther.sees()
    assert bram.sees() == carla.sees() == set()

    # Spring: each has clients.
    anna.dossier("assign", names["Jan"], bram.email)
    esther.dossier("assign", names["Kim"], daan.email)
    bram.dossier("open", names["Mas"], "--purpose", "Guidance")
    bram.dossier("put", names["Mas"], str(bram.write("Mas.txt", content["Mas"])))
    assert read(bram, names["Jan"], "Jan.txt") == content["Jan"]
    assert read(esther, names["Mas"], "Mas.txt") == content["Mas"]
    assert read(bram, names["Kim"], "Kim.txt") is None

    # Summer: Bram's telephone is gone; he joins anew in his own place.
    lost, bram = bram, practice.joins("Bram", "coach", "--instead-of", bram.email)
    assert lost.dossier("ls", expect=None).code == 4
    assert bram.sees() == {names["Jan"], names["Mas"]}
    assert read(bram, names["Mas"], "Mas.txt") == content["Mas"]
    anna.dossier("hand-over", bram.email, carla.email, names["Jan"])
    assert (bram.sees(), carla.sees()) == ({names["Mas"]}, {names["Jan"]})

    # Autumn: Daan leaves, with a link open.
    link = daan.dossier("share", names["Kim"], "Kim.txt", "--to", "client").result["link"]
    left = anna.dossier("people", "dismiss", daan.email, "--revoke-links", "--yes").result
    assert [one["name"] for one in left["kept"]] == [names["Kim"]]
    assert (len(left["links"]), left["revoked"], left["left"]) == (1, True, [])
    assert daan.dossier("ls", expect=None).code == 4
    assert Machine(practice.folder / "client", practice.server.url).dossier("get", link, expect=None).code == 6

    # Winter: he comes back to another dossier; Esther leaves, and the sheet with her; a client has hers destroyed.
    back = practice.joins("Daan", "coach")
    anna.dossier("assign", names["Lot"], back.email)
    sheet = str(practice.folder / "new sheet.txt")
    assert anna.dossier("people", "dismiss", esther.email, "--yes", expect=None).error == "input_missing"
    anna.dossier("people", "dismiss", esther.email, "--sheet", sheet, "--yes")
    assert esther.dossier("ls", expect=None).code == 4
    assert anna.dossier("sheet", "check", sheet).result["in_force"]
    anna.dossier("erase", names["Kim"], "--basis", "client", "--wait", "--yes")

    opens = {"Jan": {"Carla"}, "Lot": {"Daan"}, "Mas": {"Bram"}}
    for one, who in itertools.product(opens, (bram, carla, back)):
        expected = content[one] if who.name in opens[one] else None
        assert read(who, names[one], f"{one}.txt") == expected, (one, who.name)
        assert read(anna, names[one], f"{one}.txt") == content[one]
    members = anna.dossier("people").result["members"]
    there = {(one["email"], one["role"]) for one in members if one["until"] is None}
    assert there == {(EMAIL, "director"), *((one.email, "coach") for one in (bram, carla, back))}
