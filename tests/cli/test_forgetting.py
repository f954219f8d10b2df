"""The verbs of forgetting and of proof: results as interface.md promises them, in both languages."""

from __future__ import annotations

import hashlib
import io
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.client.house import EMAIL, House
from vault.cli import main as cli
from vault.cli.terminal.output import Output
from vault.errors import ConfigurationError
from vault.rules.terms import add_months
from vault.sdk.device import clock
from vault.sdk.dossiers.closing import Closing
from vault.sdk.errors import AnswerError, RollbackError
from vault.sdk.server.api import Api, Probe

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DOSSIER_LANG", "en")
    monkeypatch.chdir(tmp_path)


def run(capsys: Capture, *argv: object) -> tuple[int, Any, str]:
    capsys.readouterr()
    code = cli.main([str(argument) for argument in argv])
    said = capsys.readouterr()
    return code, json.loads(said.out) if "--json" in argv and said.out else said.out, said.err


@pytest.fixture
def anna(house: House) -> str:
    dossier = house.open()
    house.put(dossier, a=b"a", b=b"b")
    return dossier.id


@pytest.fixture
def working(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker goes on while a client waits."""
    monkeypatch.setattr("vault.sdk.erasures.following.wait.__defaults__", (lambda _: None, lambda _: house.sweep()))


def error(said: str) -> str:
    return json.loads(said.splitlines()[-1])["error"]["code"]


def test_close_and_reopen(house: House, anna: str, capsys: Capture) -> None:
    day = add_months(clock.local_day(clock.now()), 60).isoformat()
    assert run(capsys, "close", anna, "--json")[:2] == (0, {"destroy_on": day})
    assert run(capsys, "ls", anna, "--json")[1]["retention"] == {"destroy_on": day, "checked": True}
    assert run(capsys, "ls", "--json")[1]["dossiers"][0]["retention"] == {"destroy_on": day, "checked": False}
    assert run(capsys, "ls", anna, "--json")[0] == 0
    assert run(capsys, "ls", "--json")[1]["dossiers"][0]["retention"] == {"destroy_on": day, "checked": True}
    assert "wordt vernietigd op" in run(capsys, "ls", anna, "--lang", "nl")[1]
    assert "wordt vernietigd op" in run(capsys, "ls", "--lang", "nl")[1]
    assert "will be destroyed on" in run(capsys, "close", "Anna Bakker")[1]
    assert run(capsys, "reopen", anna, "--json")[:2] == (0, {"destroy_on": None})
    assert "goes on" in run(capsys, "reopen", anna)[1]
    code, _, said = run(capsys, "close", anna, "--on", "2024-02-29")
    assert (code, "nobody is there to be asked" in said, "28 February 2029" in said) == (2, True, True)
    assert run(capsys, "close", anna, "--on", "2024-02-29", "--yes", "--json")[1] == {"destroy_on": "2029-02-28"}
    assert run(capsys, "close", anna, "--no-grace")[0] == 2
    for day in ("2024-02-30", "20240228", "yesterday"):
        assert run(capsys, "close", anna, "--on", day)[0] == 2


def test_close_shows_a_slip_of_a_year_and_asks(
    house: House, anna: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Output, "interactive", property(lambda _: True))
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    slip = clock.local_day(clock.now()) - timedelta(days=365)
    code, _, said = run(capsys, "close", anna, "--on", slip.isoformat())
    assert (code, str(slip.year) in said, "Nothing was changed" in said) == (1, True, True)
    assert run(capsys, "ls", anna, "--json")[1]["retention"] == {"destroy_on": None, "checked": True}
    ahead = (clock.local_day(clock.now()) + timedelta(days=30)).isoformat()
    assert run(capsys, "close", anna, "--on", ahead)[0] == 0


def test_close_asks_whether_the_day_is_right_while_another_trajectory_goes_on(
    house: House, anna: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    planned = Closing(((None, None),), None)  # type: ignore[arg-type]
    monkeypatch.setattr("vault.cli.close.plan", lambda *_, **__: planned)
    code, _, said = run(capsys, "close", anna, "--on", "2019-01-01")
    assert (code, "is that the right day" in said) == (2, True)


def test_close_says_when_another_trajectory_goes_on(
    house: House, anna: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vault.cli.close.close", lambda *_, **__: None)
    assert run(capsys, "close", anna, "--json")[:2] == (0, {"destroy_on": None})
    assert "goes on" in run(capsys, "close", anna)[1]


def test_ls_says_for_whom_a_link_is_and_what_it_gives(house: House, anna: str, capsys: Capture) -> None:
    assert run(capsys, "share", anna, "a", "--json")[0] == 0
    assert "voor client: a\n" in run(capsys, "ls", anna, "--lang", "nl")[1] + "\n"


def test_erase_a_document_and_wait(house: House, anna: str, capsys: Capture, working: None) -> None:
    code, value, said = run(capsys, "erase", anna, "a", "--basis", "client", "--wait", "--json")
    assert (code, value["state"]) == (0, "certified")
    assert {"erasure", "state", "certificate"} <= set(value)
    assert "certificate signed" in said
    shown = run(capsys, "ls", anna, "--json")[1]
    assert [one["name"] for one in shown["documents"]] == ["b"]
    code, checked, _ = run(capsys, "certificate", "verify", value["certificate"], "--json")
    assert code == 0
    assert all(check["ok"] and set(check) == {"name", "ok", "advice"} for check in checked["checks"])
    assert Path(value["certificate"]).with_suffix(".html").exists()


def test_erase_a_dossier_with_a_copy_for_the_client(
    house: House, anna: str, capsys: Capture, working: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "copy.json"
    code, text, _ = run(capsys, "erase", anna, "--basis", "client", "--wait", "--client-copy", copy, "--yes")
    assert code == 0
    assert "to print" in text
    assert json.loads(copy.read_bytes())["name"] == "Anna Bakker"
    code, text, _ = run(capsys, "certificate", "verify", copy)
    assert (code, [line.split(" (")[0] for line in text.splitlines() if "Destroyed" in line]) == (
        0,
        ["Destroyed: a", "Destroyed: b"],
    )
    assert f"Checked by {EMAIL} ({house.signed_in.member}) on " in text
    [checked] = run(capsys, "certificate", "verify", copy, "--json")[1]["checked"]
    assert (checked["member"], checked["left"]) == (house.signed_in.member, False)
    named = run(capsys, "certificate", "verify", copy, "--json")[1]["documents"]
    digests = [hashlib.sha256(hashlib.sha256(content).digest()).hexdigest() for content in (b"a", b"b")]
    assert [(one["name"], one["size"], one["digest"]) for one in named] == [("a", 1, digests[0]), ("b", 1, digests[1])]
    assert all(f"<bdi>{name}</bdi>" in copy.with_suffix(".html").read_text() for name in ("a", "b"))
    assert error(run(capsys, "ls", anna, "--json")[2]) == "not_found"
    assert run(capsys, "ls", "--json")[:2] == (0, {"dossiers": []})
    words = run(capsys, "certificate", "verify", copy, "--json")[1]["fingerprint"]
    # Somebody without any home verifies it too, by the words that she was shown.
    for home in (tmp_path / "nobody", tmp_path / "damaged"):
        monkeypatch.setenv("DOSSIER_HOME", str(home))
        code, text, _ = run(capsys, "certificate", "verify", copy)
        assert (code, "Whose certificate this is" in text) == (1, True)
        assert text.splitlines()[-1] == "The certificate looks right, but of which practice it is, is not known."
        assert run(capsys, "certificate", "verify", copy, "--fingerprint", words)[0] == 0
        (tmp_path / "damaged").mkdir(exist_ok=True)
        (tmp_path / "damaged" / "member.json").write_bytes(b"{")
    changed = copy.read_bytes().replace(b"Anna Bakker", b"Anna Pakker")
    copy.write_bytes(changed)
    code, value, _ = run(capsys, "certificate", "verify", copy, "--fingerprint", words, "--json")
    assert code == 1
    assert [check["name"] for check in value["checks"] if not check["ok"]] == ["commitment"]
    code, text, _ = run(capsys, "certificate", "verify", copy, "--lang", "nl")
    assert (code, "✗ het gaat over de genoemde cliënt" in text) == (1, True)
    assert text.splitlines()[-1] == "De verklaring klopt niet."
    assert run(capsys, "certificate", "verify", tmp_path / "none")[0] == 2


def test_a_copy_for_the_client_names_the_chosen_documents_and_says_what_it_does_not_cover(
    house: House, anna: str, capsys: Capture, tmp_path: Path
) -> None:
    copy, other = tmp_path / "copy.json", tmp_path / "other.json"
    code, value, _ = run(capsys, "erase", anna, "a", "b", "--basis", "client", "--client-copy", copy, "--json")
    assert code == 0
    first = run(capsys, "erase", anna, "a", "--basis", "client", "--client-copy", other, "--json")[1]
    house.sweep()  # one of the two takes the document that both ask for
    lines = [
        run(capsys, "certificate", "get", each["erasure"], "--client-copy", path)[1]
        for each, path in ((value, copy), (first, other))
        if run(capsys, "certificate", "get", each["erasure"], "--json")[0] == 0
    ]
    names = [
        [one["name"] for one in run(capsys, "certificate", "verify", path, "--json")[1].get("documents", [])]
        for path in (copy, other)
    ]
    assert names in ([["a", "b"], []], [["b"], ["a"]])
    assert sum("Not in this certificate: a." in text for text in lines) == (names == [["b"], ["a"]])


def test_a_certificate_is_fetched_later(house: House, anna: str, capsys: Capture, tmp_path: Path) -> None:
    copy = tmp_path / "copy.json"
    code, value, said = run(capsys, "erase", anna, "--basis", "client", "--client-copy", copy, "--json")
    assert (code, value["state"], value["certificate"]) == (0, "requested", None)
    assert "certificate get" in said
    erasure = value["erasure"]
    assert error(run(capsys, "certificate", "get", erasure, "--json")[2]) == "not_found"
    assert error(run(capsys, "certificate", "get", "x", "--json")[2]) == "not_found"
    house.sweep()
    code, value, _ = run(capsys, "certificate", "get", erasure, "--client-copy", copy, "--json")
    assert (code, value["erasure"]) == (0, erasure)
    assert run(capsys, "certificate", "verify", copy)[0] == 0
    assert run(capsys, "certificate", "get", erasure, "--client-copy", copy)[0] == 2
    assert run(capsys, "certificate", "get", erasure)[0] == 0


def test_a_certificate_is_saved_also_where_it_cannot_be_checked_now(
    house: House, anna: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    value = run(capsys, "erase", anna, "--basis", "client", "--json")[1]
    house.sweep()
    monkeypatch.setattr("vault.sdk.server.retry.time.sleep", lambda _: None)
    house.line.refuse("POST", "/checks$", 503, "unavailable")
    code, text, _ = run(capsys, "certificate", "get", value["erasure"])
    assert (code, "Your own check does not stand in it yet" in text) == (0, True)
    path = house.home.path / "certificates" / f"{value['erasure']}.json"
    assert "Nobody of the practice has checked" in run(capsys, "certificate", "verify", path)[1]
    house.line.clear()
    assert "own check" not in run(capsys, "certificate", "get", value["erasure"])[1]
    assert "Checked by" in run(capsys, "certificate", "verify", path)[1]
    house.line.lie("GET", "/certificate$", lambda said: {**said, "checks": []})
    house.line.lie("POST", "/checks$", lambda said: {**said, "checks": []})
    assert error(run(capsys, "certificate", "get", value["erasure"], "--json")[2]) == "answer_invalid"


def test_staff_takes_it_back(house: House, anna: str, capsys: Capture) -> None:
    code, value, _ = run(capsys, "erase", anna, "--basis", "staff", "--wait", "--json")
    assert (code, value["state"], value["certificate"]) == (0, "requested", None)
    code, back, _ = run(capsys, "erase", "--undo", value["erasure"], "--json")
    assert (code, back) == (0, {"erasure": value["erasure"], "state": "withdrawn", "certificate": None})
    assert "--undo" in run(capsys, "erase", anna, "--basis", "staff")[1]


@pytest.mark.parametrize(
    "argv",
    [["erase"], ["erase", "x"], ["erase", "--undo", "0" * 32, "--basis", "staff", "x"], ["erase", "x", "--undo", "y"]],
)
def test_erase_is_written_one_way_or_the_other(house: House, capsys: Capture, argv: list[str]) -> None:
    assert run(capsys, *argv)[0] == 2


def test_somebody_at_the_terminal_is_asked_once(
    house: House, anna: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def refuse(self: Output, question: str) -> bool:
        asked.append(question)
        return False

    monkeypatch.setattr(Output, "interactive", property(lambda _: True))
    monkeypatch.setattr(Output, "confirm", refuse)
    code, _, said = run(capsys, "erase", anna, "--basis", "client")
    assert (code, "Nothing was asked for" in said) == (1, True)
    assert run(capsys, "erase", anna, "a", "--basis", "client")[0] == 1
    assert len(asked) == 2
    assert "Anna Bakker" in asked[0]
    assert "Documents: 2" in asked[0]
    assert "destroyed: a." in asked[1]
    assert len(run(capsys, "ls", anna, "--json")[1]["documents"]) == 2


def test_who_stops_waiting_is_told_that_it_goes_on(
    house: House, anna: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(_: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("vault.sdk.erasures.following.wait.__defaults__", (lambda _: None, stop))
    code, _, said = run(capsys, "erase", anna, "--basis", "client", "--wait")
    assert (code, "No need to wait" in said) == (130, True)


def test_audit_is_verified_online_and_from_an_export(house: House, anna: str, capsys: Capture, tmp_path: Path) -> None:
    house.checkpoint()
    code, value, _ = run(capsys, "audit", "verify", "Anna Bakker", "--json")
    assert code == 0
    assert {check["name"] for check in value["checks"]} == {"entries", "checkpoints", "covered", "mentioned"}
    assert "All of it holds" in run(capsys, "audit", "verify")[1]
    assert run(capsys, "audit", "verify", "--json")[1]["checks"][0]["name"] == f"{anna}.entries"
    code, value, _ = run(capsys, "export", anna, tmp_path / "out", "--json")
    assert (code, value["identity"], value["audit"]) == (0, "identity.txt", "audit.json")
    path = tmp_path / "out" / "audit.json"
    assert run(capsys, "audit", "verify", path)[0] == 0
    kept = json.loads(path.read_bytes())
    del kept["entries"][1]
    path.write_text(json.dumps(kept))
    code, value, _ = run(capsys, "audit", "verify", path, "--json")
    assert (code, value["checks"][3]) == (1, {"name": "entries", "ok": False, "advice": "Entry 2 is missing."})
    assert "Nummer 2 ontbreekt." in run(capsys, "audit", "verify", path, "--lang", "nl")[1]


def test_a_hidden_document_is_seven(house: House, anna: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    api = type(house.signed_in.api)
    pages = api.pages
    monkeypatch.setattr(
        api,
        "pages",
        lambda s, p, **r: iter(list(pages(s, p, **r))[:-1]) if p.endswith("/documents") else pages(s, p, **r),
    )
    assert run(capsys, "ls", anna, "--json")[0] == 7
    assert run(capsys, "share", anna, "--json")[0] == 7


def failing(capsys: Capture, **words: str) -> dict[str, str]:
    code, value, _ = run(capsys, "doctor", "--json")
    found = {check["name"]: check["advice"] for check in value["checks"] if not check["ok"]}
    assert code == (1 if found else 0)
    return found


def test_a_healthy_installation_says_so(house: House, anna: str, capsys: Capture) -> None:
    house.move("+0s")
    assert failing(capsys) == {}
    code, text, _ = run(capsys, "doctor", "--lang", "nl")
    assert (code, "Alles is in orde." in text) == (0, True)


def test_the_doctor_names_what_is_wrong_on_this_device(
    house: House, anna: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    totp = house.home.path / "totp"
    totp.chmod(0o644)
    (house.home.path / "spool" / "x").mkdir(parents=True, exist_ok=True)
    (house.home.path / "spool" / "x" / "body").write_bytes(b"123")
    (house.home.path / "spool" / "x" / "body").chmod(0o600)
    house.move("+1h")
    found = failing(capsys)
    assert set(found) == {"totp", "private", "spool", "clock"}
    assert "(3 bytes)" in found["spool"]
    assert "seconds" in found["clock"]
    totp.write_bytes(b"\xff")
    (house.home.path / "member.json").write_bytes(b"{")
    monkeypatch.setattr("vault.age.decrypt", lambda *_: b"other")
    found = failing(capsys)
    assert {"totp", "member", "age"} <= set(found)
    monkeypatch.setattr("vault.age.decrypt", None)
    assert "age" in failing(capsys)
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("DOSSIER_HOME", str(tmp_path / "file"))
    assert "home" in failing(capsys)


def test_the_doctor_tells_a_new_device_to_sign_in(
    house: House, capsys: Capture, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DOSSIER_HOME", str(tmp_path / "new"))
    house.move("+0s")
    assert set(failing(capsys)) == {"member", "session"}


def test_the_doctor_passes_on_what_the_server_says(
    house: House, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.move("+0s")
    late = {"checks": [{"name": "sweep", "ok": False, "advice": "No sweep since Tuesday"}]}

    def probe(said: dict[str, Any], date: str = "x") -> None:
        monkeypatch.setattr(Api, "probe", lambda self, path: Probe(503, said, date))

    probe(late)
    assert failing(capsys) == {"sweep": "No sweep since Tuesday"}
    probe({})
    assert set(failing(capsys)) == {"ready"}
    monkeypatch.undo()
    monkeypatch.setenv("DOSSIER_LANG", "en")
    monkeypatch.setenv("DOSSIER_HOME", str(house.home.path))
    monkeypatch.setenv("DOSSIER_URL", "http://127.0.0.1:1")
    assert {"server", "session"} <= set(failing(capsys))


def test_the_doctor_tells_of_a_server_of_another_past(
    house: House, anna: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.move("+0s")

    for error_, name in ((RollbackError("older"), "roster"), (ConfigurationError("odd"), "session")):

        def fail(*_: object, error_: Exception = error_, **__: object) -> None:
            raise error_

        monkeypatch.setattr("vault.sdk.doctor.SignedIn.load", fail)
        assert set(failing(capsys)) == {name}


def test_a_probe_speaks_of_faults(house: House, monkeypatch: pytest.MonkeyPatch) -> None:

    with pytest.raises(AnswerError):
        house.signed_in.api.probe("/s/x")


@pytest.mark.parametrize(
    ("said", "date", "names"),
    [
        ({"checks": [], "clock_offset": "+0s"}, "not a date", set()),
        ({"checks": [], "clock_offset": "soon"}, "", set()),
        ({"checks": [{"name": "records", "ok": "yes"}]}, "", {"ready"}),
    ],
)
def test_the_doctor_bears_a_server_that_speaks_oddly(
    house: House,
    capsys: Capture,
    monkeypatch: pytest.MonkeyPatch,
    said: dict[str, Any],
    date: str,
    names: set[str],
) -> None:
    monkeypatch.setattr(Api, "probe", lambda self, path: Probe(200, said, date))
    assert set(failing(capsys)) == names


def test_a_name_that_only_the_list_gives_a_dossier_destroys_nothing(
    house: House, anna: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where a server lists one dossier under another's name: what opens says what it is, and nothing else counts."""

    def other(*_: object, **__: object) -> None:
        raise AnswerError("the list gives a dossier another name than its signed profile")

    monkeypatch.setattr("vault.cli.erase.find", other)
    code, _, said = run(capsys, "erase", "Anna Bakker", "--basis", "client", "--yes", "--json")
    assert (code, error(said)) == (7, "answer_invalid")
    assert house.gateway.rows.erasure == {}
    assert run(capsys, "erase", anna[:12], "--basis", "client", "--yes", "--json")[0] == 0
    assert [row.dossier for row in house.gateway.rows.erasure.values()] == [anna]
