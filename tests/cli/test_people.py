"""`dossier invite`, `join`, `people` and `sheet`, as a director and whoever she invites type them."""

from __future__ import annotations

import io
import json
import shlex
from collections.abc import Callable
from pathlib import Path
from string import Template
from typing import Any

import pytest

from tests.client.house import EMAIL, PASSWORD, House
from vault.cli import main as cli
from vault.cli.terminal import sheet_words
from vault.cli.terminal.output import Output
from vault.sdk.keys.sheet import new_sheet

Capture = pytest.CaptureFixture[str]
Run = Callable[..., tuple[int, str, str]]
CARLA = "carla@voorbeeld.nl"


@pytest.fixture
def run(house: House, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> Run:
    """A command as the director, or as somebody else on her own device: its code, output and messages."""
    assert house.signed_in
    (house.folder / "password").write_text(PASSWORD)
    monkeypatch.setenv("DOSSIER_LANG", "nl")
    monkeypatch.setenv("DOSSIER_URL", house.url)
    monkeypatch.setenv("DOSSIER_PASSWORD_FILE", str(house.folder / "password"))

    def typed(*argv: str, home: str = "home") -> tuple[int, str, str]:
        house.gateway.spend_codes(0)
        monkeypatch.setenv("DOSSIER_HOME", str(house.folder / home))
        code = cli.main(list(argv))
        said = capsys.readouterr()
        return code, said.out, said.err

    return typed


def invited(run: Run, role: str = "coach", email: str = CARLA) -> str:
    code, out, _ = run("invite", "--role", role, "--email", email, "--json")
    assert code == 0
    return str(json.loads(out)["link"])


def joined(run: Run, link: str, home: str = "carla") -> str:
    code, out, err = run("join", link, "--name", "Carla de Wit", "--email", CARLA, "--json", home=home)
    assert code == 0, err
    return str(json.loads(out)["words"])


def test_a_coach_is_invited_joins_and_works_once_she_is_confirmed(run: Run, house: House) -> None:
    link = invited(run)
    assert f"{CARLA} is uitgenodigd als begeleider" in run("people")[1]
    words = joined(run, link)
    code, _, err = run("login", home="carla")
    assert (code, words in err) == (12, True), err
    code, out, _ = run("people")
    assert (code, f"dossier people confirm {CARLA}" in out, words in out) == (0, True, False)
    assert run("people", "confirm", CARLA)[0] == 2, "without a terminal the words are needed"
    assert run("people", "confirm", CARLA, "--words", "appel " * 6)[0] == 2
    code, out, _ = run("people", "confirm", "Carla de Wit", "--words", words)
    assert (code, out.startswith("Carla de Wit is nu begeleider.")) == (0, True)
    assert run("login", home="carla")[0] == 0
    code, out, _ = run("people", home="carla")
    assert (code, "Carla de Wit <carla@voorbeeld.nl> · begeleider (u)" in out) == (0, True), out
    assert run("people", "confirm", CARLA, "--words", words, home="carla")[0] == 1
    assert run("invite", "--role", "coach", "--email", "x@y.nl", home="carla")[0] == 1


def test_who_joined_may_ask_again_what_to_read_out(run: Run) -> None:
    link = invited(run)
    words = joined(run, link)
    code, _, err = run("join", link, home="carla")
    assert (code, words in err) == (0, True)


def test_a_folder_of_a_member_joins_nowhere(run: Run) -> None:
    assert run("join", invited(run))[0] == 1


def test_a_used_link_and_a_cut_one_are_not_available(run: Run) -> None:
    link = invited(run)
    joined(run, link)
    assert run("join", link, "--name", "N", "--email", CARLA, home="another")[0] == 6
    assert run("join", link[:-9], home="third")[0] == 6


def test_an_invitation_is_revoked_by_address_or_number(run: Run) -> None:
    link = invited(run)
    assert run("people", "revoke", CARLA)[0] == 0
    assert run("people", "revoke", CARLA)[0] == 1
    assert run("join", link, "--name", "N", "--email", CARLA, home="carla")[0] == 6
    for _ in range(2):
        invited(run)
    assert run("people", "revoke", CARLA)[0] == 2, "two have that address"
    found = json.loads(run("people", "--json")[1])["invitations"]
    assert run("people", "revoke", found[0]["id"][:8])[0] == 0
    assert run("people", "confirm", CARLA, "--words", "x")[0] == 1, "nobody has joined"


def test_a_member_gets_another_name(run: Run, house: House) -> None:
    assert run("people", "rename", "Dirkje", "Dirkje van Dam")[0] == 0
    assert "Dirkje van Dam" in run("people")[1]
    assert run("people", "rename", "Dirkje van Dam")[0] == 2
    assert run("people", "rename")[0] == 2


def test_who_lost_her_keys_is_invited_in_her_own_place(run: Run) -> None:
    words = joined(run, invited(run))
    run("people", "confirm", CARLA, "--words", words)
    code, out, err = run("invite", "--role", "coach", "--email", CARLA, "--instead-of", CARLA, "--json")
    assert (code, "Carla de Wit" in err) == (0, True)
    words = joined(run, json.loads(out)["link"], home="her new telephone")
    assert run("people", "confirm", CARLA, "--words", words)[0] == 0
    assert run("login", home="her new telephone")[0] == 0
    code, out, _ = run("people")
    assert "Vertrokken:" in out


def test_an_invitation_that_does_not_hold_is_shown_as_that(run: Run, house: House) -> None:
    invited(run)
    house.line.lie_of_each("/invitations$", lambda item: {**item, "invitation": "ab" * 16})
    code, out, _ = run("people")
    assert (code, "Let op: uitnodiging abababab klopt niet" in out) == (1, True)
    assert json.loads(run("people", "--json")[1])["invitations"][0]["state"] == "doubtful"
    assert run("people", "confirm", "abababab", "--words", "x")[0] == 7


def test_a_new_sheet_takes_the_place_of_the_old_one(run: Run, house: House) -> None:
    old, new = house.folder / "old.txt", house.folder / "new.txt"
    assert run("sheet", "new", str(old))[0] == 0
    assert run("sheet", "check", str(old))[0] == 0
    assert run("sheet", "new", str(new))[0] == 0
    assert run("sheet", "check", str(old))[0] == 1
    assert run("sheet", "check", str(new))[0] == 0
    assert run("sheet", "new", str(new))[0] == 2, "no sheet is overwritten"
    assert run("recover", "--email", "directie@voorbeeld.nl", "--sheet", str(old), home="fresh")[0] == 12
    code, _, err = run("recover", "--email", "directie@voorbeeld.nl", "--sheet", str(new), home="fresh")
    assert code == 0, err


def test_a_sheet_that_was_refused_leaves_no_file(run: Run, house: House) -> None:
    house.line.refuse("POST", "/roster$", 409, "conflict")
    path = house.folder / "new.txt"
    assert run("sheet", "new", str(path))[0] == 1
    assert not path.exists()


@pytest.mark.parametrize(("wrong", "right"), [(0, True), (2, True), (3, False)])
def test_two_words_are_asked_back(monkeypatch: pytest.MonkeyPatch, wrong: int, right: bool) -> None:
    sheet, asked = new_sheet(), list[int]()

    def answer(_: Output, key: str, /, *, number: int) -> str:
        asked.append(number)
        return "niets" if len(asked) <= wrong else sheet.words[number - 1]

    monkeypatch.setattr(Output, "interactive", property(lambda _: True))
    monkeypatch.setattr(Output, "ask", answer)
    assert sheet_words.ask_back(sheet, Output()) is right
    assert len(set(asked)) <= 2


def test_words_may_be_given_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Output, "interactive", property(lambda _: True))
    monkeypatch.setattr(Output, "ask", lambda *_, **__: " ")
    assert not sheet_words.ask_back(new_sheet(), Output())


def test_nobody_is_asked_without_a_terminal() -> None:
    assert sheet_words.ask_back(new_sheet(), Output())


def test_whoever_is_invited_joins_by_a_link_from_a_pipe(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"<{invited(run)}>\n"))
    assert run("join", "-", "--name", "Carla", "--email", CARLA, home="carla")[0] == 0


def member(run: Run, role: str = "coach") -> None:
    words = joined(run, invited(run, role))
    assert run("people", "confirm", CARLA, "--words", words)[0] == 0


def dossiers(run: Run, home: str = "carla") -> list[str]:
    return [one["name"] for one in json.loads(run("ls", "--json", home=home)[1])["dossiers"]]


def test_a_new_director_gets_every_dossier_and_gives_back_what_is_not_her_own(run: Run, house: House) -> None:
    house.open("Jan")
    member(run, "director")
    assert run("login", home="carla")[0] == 0
    assert dossiers(run) == ["Jan"]
    run("open", "Kim", "--purpose", "x", home="carla")
    assert run("people", "role", CARLA, "coach")[0] == 2, "the sheet goes with a director"
    assert run("people", "role", CARLA, "coach", "--sheet", str(house.folder / "new.txt"))[0] == 0
    assert dossiers(run) == ["Kim"]
    assert run("people", "role", CARLA, "director")[0] == 0
    assert sorted(dossiers(run)) == ["Jan", "Kim"]
    assert run("people", "role", CARLA, "director", "--sheet", "x.txt")[0] == 0, "done again it only looks"
    assert run("people", "role", CARLA, "boss")[0] == 2


def test_nobody_dismisses_or_demotes_herself(run: Run, house: House) -> None:
    sheet = str(house.folder / "new.txt")
    assert run("people", "dismiss", "Dirkje", "--sheet", sheet, "--yes")[0] == 2
    assert run("people", "role", "Dirkje", "coach", "--sheet", sheet)[0] == 2
    assert not (house.folder / "new.txt").exists()


def test_a_dismissal_is_asked_and_names_what_she_could_have_kept(run: Run, house: House) -> None:
    house.open("Jan")
    member(run)
    run("assign", "Jan", CARLA)
    run("login", home="carla")
    code, _, err = run("people", "dismiss", CARLA)
    assert code == 2, "without a terminal it is not done unasked"
    assert run("people", "dismiss", CARLA, "--sheet", "x.txt", "--yes")[0] == 2, "no sheet goes with a coach"
    code, out, err = run("people", "dismiss", CARLA, "--yes")
    assert (code, "Jan: haar apparaat kan de sleutel bewaard hebben" in err) == (0, True), err
    assert "1 dossier heeft nieuwe sleutels" in out
    assert run("ls", home="carla")[0] == 4
    code, out, _ = run("people", "dismiss", CARLA, "--yes")
    assert (code, "0 dossiers hebben nieuwe sleutels" in out) == (0, True), "done again it only looks"


def test_another_director_who_lost_her_keys_comes_back_with_a_new_sheet(run: Run, house: House) -> None:
    house.open("Jan")
    member(run, "director")
    _, out, _ = run("invite", "--role", "director", "--email", CARLA, "--instead-of", CARLA, "--json")
    words = joined(run, json.loads(out)["link"], home="new")
    assert run("people", "confirm", CARLA, "--words", words)[0] == 2
    assert run("people", "confirm", CARLA, "--words", words, "--sheet", str(house.folder / "new.txt"))[0] == 0
    assert run("login", home="new")[0] == 0
    assert dossiers(run, "new") == ["Jan"]


CHAPTER = (
    (Path(__file__).parents[2] / "docs" / "RUNBOOK.md")
    .read_text()
    .partition("\n## Members who lost something\n")[2]
    .partition("\n## ")[0]
)
BLOCKS = [block.strip() for block in CHAPTER.split("```")[1::2]]


def test_what_the_runbook_says_of_lost_things_is_run_word_for_word(run: Run, house: House) -> None:
    names = {"COACH": CARLA, "EMAIL": EMAIL, "SHEET": str(house.folder / "sheet.txt"), "NEW": str(house.folder / "new")}

    def types(block: str, home: str) -> dict[str, Any]:
        """The commands of a block on that person's device; what the last one printed."""
        said: dict[str, Any] = {}
        for line in block.splitlines():
            program, *words = shlex.split(Template(line).substitute(names))
            code, out, err = run(*words, "--json", home=home)
            assert (program, code) == ("dossier", 0), f"{line}: {err}"
            said = json.loads(out)
        return said

    house.open("Jan")
    member(run)
    run("assign", "Jan", CARLA)
    run("sheet", "new", names["SHEET"])
    invite, joins, confirm, signs_in, recover, sheet = BLOCKS
    names["LINK"] = types(invite, "home")["link"]
    names["WORDS"] = types(joins, "new device")["words"]
    assert types(confirm, "home")["left"] == []
    types(signs_in, "new device")
    assert dossiers(run, "new device") == ["Jan"]
    types(recover, "fresh")
    assert types(sheet, "fresh")["in_force"]


def test_an_address_of_a_member_is_not_invited_and_nobody_replaces_herself(run: Run) -> None:
    assert run("invite", "--role", "coach", "--email", EMAIL.upper())[0] == 2
    assert run("invite", "--role", "director", "--email", EMAIL, "--instead-of", EMAIL)[0] == 2


def test_whoever_joined_by_a_wrong_link_joins_by_the_next_one(run: Run) -> None:
    joined(run, invited(run))
    run("people", "revoke", CARLA)
    words = joined(run, invited(run))
    assert run("people", "confirm", CARLA, "--words", words)[0] == 0
    assert run("login", home="carla")[0] == 0


def test_a_director_hears_whose_membership_ends_by_a_confirmation(run: Run) -> None:
    member(run)
    _, out, _ = run("invite", "--role", "coach", "--email", CARLA, "--instead-of", CARLA, "--json")
    words = joined(run, json.loads(out)["link"], home="new")
    assert "in de plaats van" in run("people")[1]
    code, _, err = run("people", "confirm", CARLA, "--words", words)
    assert (code, "in de plaats van Carla de Wit" in err) == (0, True)


def test_another_link_that_is_not_available_takes_no_waiting_words_away(run: Run) -> None:
    used = invited(run, email="sofie@voorbeeld.nl")
    assert run("join", used, "--name", "Sofie", "--email", "sofie@voorbeeld.nl", home="sofie")[0] == 0
    link = invited(run)
    words = joined(run, link)
    assert run("join", used, "--name", "Carla de Wit", "--email", CARLA, home="carla")[0] == 6
    code, _, err = run("join", link, home="carla")
    assert (code, words in err) == (0, True)
    assert run("people", "confirm", CARLA, "--words", words)[0] == 0
    assert run("login", home="carla")[0] == 0


def test_a_member_whose_device_was_cut_off_at_her_first_sign_in_stays_one(run: Run, house: House) -> None:
    member(run)
    waits = (house.folder / "carla" / "waits").read_bytes()
    assert run("login", home="carla")[0] == 0
    (house.folder / "carla" / "waits").write_bytes(waits)  # it was killed before it took this away
    assert run("join", invited(run, email="x@y.nl"), "--name", "X", "--email", "x@y.nl", home="carla")[0] == 1
    assert run("ls", home="carla")[0] == 0


def test_a_lost_answer_is_asked_for_again_whatever_blanks_were_typed(run: Run, house: House) -> None:
    link = invited(run)
    house.line.lose("POST", "/join$", "answer", times=4)
    typed = ("join", link, "--name", " Carla de Wit ", "--email", CARLA)
    assert run(*typed, home="carla")[0] == 5
    assert run(*typed, home="carla")[0] == 0
