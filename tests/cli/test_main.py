"""The command's promises: exit codes, one JSON object, messages apart, two languages, no traceback, quick help."""

from __future__ import annotations

import io
import json
import os
import shlex
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.client.house import EMAIL, PASSWORD, TOKEN, TOTP, Gateway, House
from vault.cli.main import main, parser_of, verbs
from vault.cli.terminal import failures
from vault.cli.terminal.output import Output
from vault.errors import ConfigurationError, IntegrityError, InvalidInputError, UnavailableError, VaultError
from vault.records.encoding import RecordError
from vault.sdk.dossiers.loading import load_dossier
from vault.sdk.errors import AmbiguousError, ApiError, NotSignedInError, ServerUnreachableError, WrongPasswordError
from vault.sdk.keys.one_time_codes import write_secret_file
from vault.texts import catalogue

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def a_script(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nobody at the terminal; password and codes in files; English."""
    (tmp_path / "password").write_text(PASSWORD + "\n")
    write_secret_file(tmp_path / "codes", TOTP)
    monkeypatch.setenv("DOSSIER_PASSWORD_FILE", str(tmp_path / "password"))
    monkeypatch.setenv("DOSSIER_TOTP_FILE", str(tmp_path / "codes"))
    monkeypatch.setenv("DOSSIER_LANG", "en")


def command(capsys: Capture, *argv: str) -> tuple[int, str, str]:
    capsys.readouterr()
    code = main(list(argv))
    out, err = capsys.readouterr()
    return code, out, err


def failure(err: str) -> dict[str, str]:
    return json.loads(err.splitlines()[-1])["error"]


def test_from_set_up_to_an_open_dossier(capsys: Capture, quick_argon: None, gateway: Gateway, tmp_path: Path) -> None:
    token, sheet = tmp_path / "token", tmp_path / "sheet.html"
    token.write_text(TOKEN + "\n")
    asked = ("init", "--practice", "Proef", "--email", EMAIL, "--setup-token-file", str(token), "--sheet", str(sheet))
    code, out, _ = command(capsys, *asked, "--json")
    made = json.loads(out)
    assert (code, set(made)) == (0, {"member", "root_fingerprint"})
    assert len(made["root_fingerprint"].split()) == 6
    token.unlink()
    assert json.loads(command(capsys, *asked, "--json")[1]) == made

    assert command(capsys, "ls")[0] == 4
    code, out, _ = command(capsys, "login", "--email", EMAIL, "--json")
    assert (code, json.loads(out)["member"]) == (0, made["member"])
    code, out, err = command(capsys, "--json", "open", "Jan", "--purpose", "loopbaan")
    dossier = json.loads(out)["dossier"]
    assert (code, len(dossier), err) == (0, 32, "")
    shown = json.loads(command(capsys, "ls", "--json")[1])["dossiers"]
    dates = {"destroy_on": None, "retention": {"destroy_on": None, "checked": False}}
    assert shown == [{"id": dossier, "name": "Jan", "kind": "client", "purpose": "loopbaan", **dates}]
    assert "Jan" in command(capsys, "ls")[1]

    code, out, _ = command(capsys, "logout", "--json")
    assert (code, json.loads(out)) == (0, {"signed_out": True, "server_told": True})
    assert command(capsys, "logout")[0] == 0
    code, _, err = command(capsys, "ls", "--json")
    assert (code, failure(err)["code"]) == (4, "sign_in")

    code, out, _ = command(capsys, "recover", "--email", EMAIL, "--sheet", str(sheet), "--json")
    assert (code, json.loads(out)) == (0, {"member": made["member"]})
    gateway.spend_codes(0)
    assert command(capsys, "login")[0] == 0


def test_what_does_not_verify_is_named_beside_the_list(
    capsys: Capture, founded: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    founded.login()
    made = [json.loads(command(capsys, "open", name, "--purpose", "x", "--json")[1]) for name in ("Goed", "Kwaad")]
    _, bad = (each["dossier"] for each in made)

    def swap(said: dict[str, Any]) -> None:
        profiles = {item["dossier"]: item["profile"] for item in said["whole"]}
        profiles[bad]["text"] = "AAAA"

    founded.line.lie("POST", "/dossiers/changes$", swap)
    code, out, err = command(capsys, "ls", "--json")
    assert code == 7
    assert [one["name"] for one in json.loads(out)["dossiers"]] == ["Goed"]
    (doubt,) = json.loads(out)["doubtful"]
    assert f"not opened ({doubt['reason']})" in err
    dutch = command(capsys, "ls", "--lang", "nl")[2]
    assert "niet geopend (" in dutch
    assert doubt["reason"] not in dutch


def test_a_dossier_that_was_put_back_is_named_beside_the_list(capsys: Capture, founded: House) -> None:
    founded.login()
    for name in ("Goed", "Terug"):
        command(capsys, "open", name, "--purpose", "x", "--json")
    listed = json.loads(command(capsys, "ls", "--json")[1])["dossiers"]
    [back] = [each["id"] for each in listed if each["name"] == "Terug"]
    old = founded.again().api.post("/dossiers/changes", json={"marks": {}})
    founded.put(load_dossier(founded.again(), back), a=b"a")
    founded.line.lie("POST", "/dossiers/changes$", lambda _: old)
    code, out, err = command(capsys, "ls", "--json")
    assert code == 7
    assert [one["name"] for one in json.loads(out)["dossiers"]] == ["Goed"]
    assert [each["id"] for each in json.loads(out)["doubtful"]] == [back]
    assert f"Terug ({back}) was not opened: the server shows an older index than this device has seen. " in err
    assert "dossier repair index:" in err
    dutch = command(capsys, "ls", "--lang", "nl")[2]
    assert f"Terug ({back}) is niet geopend: de server toont een " in dutch
    assert command(capsys, "ls", "Goed")[0] == 0
    assert "Terug" in command(capsys, "open", "Terug", "--purpose", "x", "--lang", "en")[2], "as a namesake"
    assert command(capsys, "audit", "verify")[0] == 7, "nothing is valid that leaves it out"


def test_two_dossiers_of_one_name_are_a_question_of_usage(
    capsys: Capture, founded: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    founded.login()
    said = [command(capsys, "open", "Jan", "--purpose", "x", "--lang", "en")[2] for _ in range(2)]
    assert ["already" in each for each in said] == [False, True], "the second is no surprise"
    code, _, err = command(capsys, "--json", "ls", "Jan")
    assert (code, failure(err)["code"]) == (2, "ambiguous")
    code, _, err = command(capsys, "--json", "ls", "Piet")
    assert (code, failure(err)["code"]) == (1, "not_found")


def test_a_wrong_password_is_12(capsys: Capture, founded: House, tmp_path: Path) -> None:
    (tmp_path / "password").write_text("wrong")
    code, out, err = command(capsys, "login", "--email", EMAIL, "--json")
    assert (code, out, failure(err)["code"]) == (12, "", "credentials_wrong")


@pytest.mark.parametrize("asked", [True, False])
def test_codes_that_a_recovery_made_old_are_told_and_asked_for(
    capsys: Capture, founded: House, monkeypatch: pytest.MonkeyPatch, asked: bool
) -> None:
    write_secret_file(founded.home.path / "totp", b"o" * 20)
    monkeypatch.delenv("DOSSIER_TOTP_FILE")
    monkeypatch.setenv("DOSSIER_HOME", str(founded.home.path))
    monkeypatch.setattr(Output, "interactive", asked)
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{founded.code()}\n"))
    code, _, err = command(capsys, "login", "--email", EMAIL)
    assert str(founded.home.path / "totp") in err
    assert code == (0 if asked else 12)


def test_a_server_that_is_not_there_is_5(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOSSIER_URL", "http://127.0.0.1:1")
    code, _, err = command(capsys, "login", "--email", EMAIL, "--json")
    assert (code, failure(err)["code"]) == (5, "unreachable")


def test_logout_ends_well_without_the_server(capsys: Capture, founded: House, monkeypatch: pytest.MonkeyPatch) -> None:
    founded.login()
    founded.line.refuse("*", "", 503, "busy")
    code, out, err = command(capsys, "logout", "--json")
    assert (code, json.loads(out)["server_told"]) == (0, False)
    assert "expires" in err


def test_without_a_terminal_nothing_asks(capsys: Capture, founded: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DOSSIER_PASSWORD_FILE")
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    code, _, err = command(capsys, "login", "--email", EMAIL, "--json")
    assert (code, failure(err)["code"]) == (2, "input_missing")


@pytest.mark.parametrize(
    "argv",
    [
        ["nope"],
        ["open"],
        ["open", "x"],
        ["ls", "--what"],
        ["open", "x", "--purpose", "y", "--kind", "z"],
        ["completion", "tcsh"],
    ],
)
def test_what_is_written_wrong_is_2_and_says_how(capsys: Capture, argv: list[str]) -> None:
    code, out, err = command(capsys, "--json", *argv)
    assert (code, out, failure(err)["code"]) == (2, "", "usage")
    assert "usage" in failure(err)["advice"]


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["open"], "er ontbreekt: NAME, --purpose"),
        (["ls", "--what"], "onbekend: --what"),
        (["share", "x", "--days"], "--days heeft een waarde nodig"),
        (["share", "x", "--days", "veel"], "--days moet een getal zijn, niet 'veel'"),
        (["put", "x"], "er ontbreekt"),
        (["ls", "--json=ja"], "--json neemt geen waarde aan: 'ja'"),
        (["open", "x", "--purpose", "y", "--kind", "z"], "--kind kan niet 'z' zijn; kies uit"),
        (["share", "x", "--days", "0"], "--days is 0, en moet minstens 1 zijn"),
        (["share", "x", "--max", "-1"], "--max is -1, en moet minstens 1 zijn"),
    ],
)
def test_a_slip_is_told_in_dutch_throughout(capsys: Capture, argv: list[str], words: str) -> None:
    code, _, err = command(capsys, "--json", "--lang", "nl", *argv)
    assert code == 2
    assert words in failure(err)["message"]


def test_help_lists_every_verb_in_both_languages(capsys: Capture) -> None:
    for spoken, word in (("en", "Verbs"), ("nl", "Opdrachten")):
        code, out, _ = command(capsys, f"--lang={spoken}", "--help")
        assert code == 0
        assert word in out
        assert all(f"\n  {verb} " in out for verb in verbs())
    assert command(capsys)[0] == 2
    assert command(capsys, "--version")[1].startswith("dossier ")


@pytest.mark.parametrize("verb", sorted(set(verbs()) - {"age", "age-keygen"}))
@pytest.mark.parametrize("spoken", ["nl", "en"])
def test_every_verb_explains_itself(capsys: Capture, verb: str, spoken: catalogue.Language) -> None:
    parser_of(verb, spoken)
    with pytest.raises(SystemExit) as ended:
        main([verb, "--help", "--lang", spoken])
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith("gebruik: " if spoken == "nl" else "usage: ")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (KeyboardInterrupt(), 130),
        (IntegrityError("x"), 7),
        (NotSignedInError("x"), 4),
        (UnavailableError("x"), 5),
        (ServerUnreachableError("x", reason="restored"), 5),
        (WrongPasswordError("x"), 12),
        (InvalidInputError("x"), 2),
        (RecordError("x"), 7),
        (ApiError("x", status=500, code="integrity"), 7),
        (ApiError("x", status=422, code="record_invalid"), 1),
        (AmbiguousError("x", candidates=()), 2),
        (ConfigurationError("x"), 1),
        (VaultError("x"), 1),
        (ApiError("x", status=404, code="link_unavailable"), 6),
        (ApiError("x", status=403, code="passphrase_wrong"), 12),
        (ApiError("x", status=429, code="too_many"), 5),
        (ApiError("x", status=403, code="consent_required"), 1),
        (OSError(28, "No space left on device", "/x"), 1),
        (ZeroDivisionError("the secret value"), 1),
    ],
)
def test_every_error_has_its_exit_code_and_words(capsys: Capture, error: BaseException, code: int) -> None:
    for spoken in ("nl", "en"):
        assert failures.report(error, Output(language=spoken)) == code
        err = capsys.readouterr().err
        assert err.startswith("dossier: ")
        assert "Traceback" not in err
        assert "secret value" not in err


def test_a_fault_of_the_server_carries_its_number(capsys: Capture) -> None:
    error = ApiError("x", status=500, code="failed", extra={"instance": "urn:dossier:request:4dabd6a7"})
    failures.report(error, Output(language="nl"))
    assert "[4dabd6a7]" in capsys.readouterr().err
    assert ApiError("x", status=500, code="failed", extra={"instance": "\x1b[2J"}).number == ""


def test_an_interruption_is_130(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("vault.cli.logout.run", interrupt)
    code, _, err = command(capsys, "logout")
    assert (code, "Traceback" in err) == (130, False)


def test_a_bug_shows_its_traceback_only_to_who_asks(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    def bug(*_: object) -> int:
        raise ZeroDivisionError

    monkeypatch.setattr("vault.cli.logout.run", bug)
    assert "Traceback" not in command(capsys, "logout")[2]
    monkeypatch.setenv("DOSSIER_DEBUG", "1")
    assert "Traceback" in command(capsys, "logout")[2]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells_complete_verbs_and_options(capsys: Capture, shell: str) -> None:
    code, out, _ = command(capsys, "completion", shell)
    assert code == 0
    assert "login" in out
    assert "purpose" in out
    if shell == "bash":
        subprocess.run(["bash", "-n"], input=out.encode(), check=True)


def test_a_reader_who_leaves_is_no_error_to_shout_about() -> None:
    script = f"{shlex.quote(sys.executable)} -m vault completion bash | true"
    done = subprocess.run(["bash", "-c", script], capture_output=True, check=False)
    assert done.stderr == b""


@pytest.mark.parametrize("words", [["completion", "bash"], ["nonsense"]])
def test_a_full_disk_has_an_exit_code_of_ours_and_no_traceback(words: list[str]) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    with open("/dev/full", "wb") as full:  # noqa: PTH123 - a device
        where = {"stdout": full, "stderr": full if words == ["nonsense"] else subprocess.PIPE}
        done = subprocess.run([sys.executable, "-m", "vault", *words], env=environment, check=False, **where)
    assert done.returncode in {1, 2}
    assert b"Traceback" not in (done.stderr or b"")
    assert b"Exception ignored" not in (done.stderr or b"")


def test_help_loads_no_cryptography_and_is_quick() -> None:
    code = "import sys; from vault.cli.main import main; main(['--help']); print(*sys.modules, file=sys.stderr)"
    started = time.monotonic()
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    loaded = set(done.stderr.decode().split())
    assert not loaded & {
        "nacl",
        "cryptography",
        "urllib3",
        "argparse",
        "segno",
        "vault.sdk.server.api",
        "vault.age.hybrid",
    }
    assert time.monotonic() - started < 5


def test_someone_at_the_terminal_is_asked(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(Output, "interactive", property(lambda _: True))
    for typed, agreed in (("j\n", True), ("Yes\n", True), ("\n", False), ("", False)):
        monkeypatch.setattr(sys, "stdin", Terminal(typed))
        assert Output(language="en").confirm("Delete?") is agreed
    assert "Delete? [y/N]" in capsys.readouterr().err
    assert Output(yes=True).confirm("Delete?") is True
