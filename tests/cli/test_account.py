"""`dossier account`: what is shown, and each change with both factors again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.client.house import EMAIL, PASSWORD, TOTP, House
from vault import totp
from vault.cli import main as cli
from vault.cli.terminal.output import Output
from vault.sdk.device import clock
from vault.sdk.keys.one_time_codes import from_base32, read_secret_file, to_base32, write_secret_file
from vault.sdk.people import account
from vault.secret import Secret

Capture = pytest.CaptureFixture[str]
OTHER = "zeven zilveren zwanen zwemmen zachtjes zuidwaarts"


@pytest.fixture(autouse=True)
def prepared(house: House, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, no_pauses: None) -> None:
    """Her own shell: the password in a file, the secret of her codes in the folder."""
    monkeypatch.setenv("DOSSIER_LANG", "en")
    monkeypatch.setenv("DOSSIER_PASSWORD_FILE", str(file(tmp_path, "password", PASSWORD)))
    monkeypatch.setenv("DOSSIER_HOME", str(house.home.path))
    assert house.signed_in


def file(folder: Path, name: str, content: str) -> Path:
    path = folder / name
    path.write_text(content + "\n")
    return path


def run(house: House, capsys: Capture, *argv: str) -> tuple[int, str, str]:
    house.gateway.spend_codes(0)
    capsys.readouterr()
    code = cli.main(list(argv))
    said = capsys.readouterr()
    return code, said.out, said.err


def asked(house: House, capsys: Capture, *argv: str) -> dict[str, object]:
    code, out, err = run(house, capsys, *argv, "--json", "--yes")
    assert code == 0, err
    found = json.loads(out)
    assert isinstance(found, dict)
    return found


def test_it_shows_who_since_when_how_many_codes_and_where(house: House, capsys: Capture) -> None:
    code, out, _ = run(house, capsys, "account")
    assert code == 0
    assert f"Dirkje <{EMAIL}>, director" in out
    assert "Recovery codes left: 0." in out
    assert "dossier account codes" in out
    assert "(no name)  127.0.0.0/24" in out
    assert "(this device)" in out
    asked(house, capsys, "account", "codes")
    assert "new recovery codes" in run(house, capsys, "account")[1]
    found = asked(house, capsys, "account")
    assert (found["role"], found["codes"], found["email"]) == ("director", 10, EMAIL)


def test_a_password_is_changed_from_files(
    house: House, capsys: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = file(tmp_path, "new", OTHER)
    assert asked(house, capsys, "account", "password", "--new-password-file", str(new)) == {"changed": "password"}
    assert run(house, capsys, "login")[0] == 12
    monkeypatch.setenv("DOSSIER_PASSWORD_FILE", str(new))
    assert run(house, capsys, "login")[0] == 0
    code, _, said = run(
        house, capsys, "account", "password", "--new-password-file", str(file(tmp_path, "weak", "kort"))
    )
    assert (code, "guess" in said) == (1, True)
    assert run(house, capsys, "account", "password")[0] == 2, "nobody is there to be asked"


def test_a_new_factor_takes_the_place_of_the_secret_here(house: House, capsys: Capture) -> None:
    path = house.home.path / "totp"
    found = asked(house, capsys, "account", "factor")
    assert "totp" not in found
    secret = read_secret_file(path)
    assert secret not in {None, TOTP}
    assert not path.with_name("totp.new").exists()
    house.gateway.spend_codes(0)
    assert run(house, capsys, "login")[0] == 0
    assert len(found["codes"]) == 10  # type: ignore[arg-type]


def test_without_a_secret_here_the_new_one_is_told(house: House, capsys: Capture, tmp_path: Path) -> None:
    (house.home.path / "totp").unlink()
    code = totp.code(TOTP, totp.step_of(clock.now()))
    found = asked(house, capsys, "account", "factor", "--code-file", str(file(tmp_path, "code", code)))
    write_secret_file(house.home.path / "totp", from_base32(str(found["totp"])))
    assert run(house, capsys, "login")[0] == 0


def test_who_sits_there_confirms_the_new_key_and_proves_the_old_one(
    house: House, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each question says which of the two keys in the app it means; a wrong code of the new one changes nothing."""
    (house.home.path / "totp").unlink()
    new, asked_for = Secret(b"another secret of 20"), []

    def typed(_: Output, key: str) -> str:
        asked_for.append(key)
        secrets = {"account.new_code": [b"wrong" * 4, new][len(asked_for) > 1], "account.old_code": TOTP}
        return totp.code(secrets[key], totp.step_of(clock.now()))

    monkeypatch.setattr(Output, "interactive", property(lambda _: True))
    monkeypatch.setattr(Output, "ask", typed)
    monkeypatch.setattr("vault.cli.account.one_time_codes.new_secret", lambda: new)
    code, _, said = run(house, capsys, "account", "factor")
    assert (code, "not one of the new key" in said) == (12, True)
    code, out, said = run(house, capsys, "account", "factor")
    assert (code, "in force" in out, to_base32(new) in said) == (0, True, True)
    assert asked_for == ["account.new_code", "account.old_code"] * 2


@pytest.mark.parametrize("what", ["request", "answer"])
def test_cut_off_at_the_change_of_the_factor_this_machine_signs_in_all_the_same(
    house: House, capsys: Capture, what: str
) -> None:
    house.line.lose("PUT", "/session/keyring$", what, times=99)
    assert run(house, capsys, "account", "factor")[0] == 5
    house.line.clear()
    waiting = house.home.path / "totp.new"
    assert waiting.exists()
    assert run(house, capsys, "login")[0] == 0
    assert waiting.exists() == (what == "request")
    assert run(house, capsys, "login")[0] == 0


def test_a_recovery_code_signs_in_from_a_file_and_says_how_many_are_left(
    house: House, capsys: Capture, tmp_path: Path
) -> None:
    codes = asked(house, capsys, "account", "codes")["codes"]
    assert isinstance(codes, list)
    given = file(tmp_path, "code", codes[0].upper())
    code, _, said = run(house, capsys, "login", "--code-file", str(given), "--name", "my laptop")
    assert (code, "9 are left" in said) == (0, True)
    assert run(house, capsys, "login", "--code-file", str(given))[0] == 12
    assert "my laptop" in run(house, capsys, "account", "devices")[1]
    code, _, said = run(house, capsys, "login", "--code-file", str(tmp_path / "none"))
    assert (code, "there is no file" in said) == (2, True)


def test_devices_end_one_or_all(house: House, capsys: Capture) -> None:
    phone = house.login(house.at("phone"))
    devices = asked(house, capsys, "account", "devices")["devices"]
    assert isinstance(devices, list)
    own, other = sorted(devices, key=lambda each: not each["this"])  # both may have been made in one second
    assert (own["this"], other["this"]) == (True, False)
    assert run(house, capsys, "account", "devices", "--end", "xyz")[0] == 2
    assert asked(house, capsys, "account", "devices", "--end", other["id"][:8]) == {"ended": [other["id"]]}
    assert phone.home.path != house.home.path
    assert run(house, capsys, "account", "devices", "--all")[0] == 2, "nobody is there to be asked"
    assert asked(house, capsys, "account", "devices", "--all") == {"ended": [own["id"]]}
    assert run(house, capsys, "account")[0] == 4


def test_a_director_gives_back_and_names_the_change(
    house: House, capsys: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(house, capsys, "account", "give-back", EMAIL)[0] == 1, "nothing was changed"
    new = file(tmp_path, "new", OTHER)
    asked(house, capsys, "account", "password", "--new-password-file", str(new))
    monkeypatch.setenv("DOSSIER_PASSWORD_FILE", str(new))
    house.move("+60s")
    assert run(house, capsys, "account", "give-back", "nobody@example.nl")[0] == 2
    assert run(house, capsys, "account", "give-back", EMAIL, "--at", "2001-01-01T00:00:00Z", "--yes")[0] == 2
    [change] = account.formers(house.again(), house.signed_in.member)
    at = change.at.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert asked(house, capsys, "account", "give-back", EMAIL, "--at", at)["given_back"] == at
    monkeypatch.setenv("DOSSIER_PASSWORD_FILE", str(tmp_path / "password"))
    assert run(house, capsys, "login")[0] == 0


@pytest.mark.parametrize("argv", [("give-back",), ("password", EMAIL), ("devices", "--end", "a", "--all"), ("other",)])
def test_what_does_not_belong_together_is_a_usage_error(house: House, capsys: Capture, argv: tuple[str, ...]) -> None:
    assert run(house, capsys, "account", *argv)[0] == 2
