"""The main job by the real command line against a real server."""

from __future__ import annotations

import os
import stat
import subprocess
import sys

import pytest

from tests import tools
from tests.infra.serving import free_port
from tests.journeys.machine import EMAIL, Machine, sha256

pytestmark = pytest.mark.slow
LARGE = 20_000_001  # three segments, the last one short


@pytest.fixture(scope="session")
def jansen(director):
    """A dossier with a small and a large document, one of them in a folder."""
    director.write("jansen/report.pdf", os.urandom(70_000))
    director.write("jansen/scans/deel 1/scan.pdf", os.urandom(LARGE))
    director.stored("Jansen", director.folder / "jansen" / "report.pdf", director.folder / "jansen" / "scans")
    return "Jansen"


def originals(director):
    return sorted(director.files("jansen").values())


def shared(director, dossier, *words):
    return director.dossier("share", dossier, "--to", "client", *words).result


def pick_up(machine, made, *words, expect=0):
    if made["passphrase"]:
        machine.write("words", made["passphrase"].encode() + b"\n")
        words = (*words, "--passphrase-file", "words")
    return machine.dossier("get", made["link"], "--out", "out", *words, expect=expect)


def test_setting_up_leaves_a_sheet_a_second_factor_and_no_token(server, director):
    assert (director.folder / "sheet.txt").stat().st_size > 0
    assert stat.S_IMODE(director.totp_file.stat().st_mode) == 0o600
    assert stat.S_IMODE(director.home.stat().st_mode) == 0o700
    assert not (server.data / "setup-token").exists()


def test_a_practice_is_set_up_once(server, director, strangers, tmp_path):
    other = strangers()
    token = other.write("token", b"guessed-guessed-guessed\n")
    password = other.write("password", b"drie en twintig paarse olifanten dansen\n")
    password.chmod(0o600)
    other.environment["DOSSIER_PASSWORD_FILE"] = str(password)
    practice = ["--practice", "Other", "--email", "eve@elsewhere.example"]
    said = other.dossier("init", *practice, "--setup-token-file", str(token), "--sheet", "sheet.txt", expect=None)
    assert said.code not in {0, 130}
    assert director.dossier("ls").code == 0


def test_the_clients_copy_is_the_coachs_document(director, jansen, strangers):
    made = shared(director, jansen, "--days", "14", "--max", "3", "--passphrase")
    assert len(made["passphrase"].split()) == 6
    client = strangers()
    said = pick_up(client, made)
    assert sorted(client.files("out").values()) == originals(director)
    assert sorted(file["sha256"] for file in said.result["files"]) == originals(director)
    assert {file["size"] for file in said.result["files"]} == {70_000, LARGE}
    assert not client.home.exists() or not any(client.home.iterdir())


def test_the_coach_sees_every_pick_up(director, jansen, strangers):
    made = shared(director, jansen, "--max", "2")
    pick_up(strangers(), made)
    listed = director.dossier("ls", jansen).result
    share = next(share for share in listed["shares"] if share.get("id", share.get("share")) == made["share"])
    assert share["used"] == 1
    assert len(share["pickups"]) == 1


def test_a_revoked_link_gives_nothing(director, jansen, strangers):
    made = shared(director, jansen)
    director.dossier("revoke", made["share"])
    client = strangers()
    said = pick_up(client, made, expect=6)
    assert said.error == "link_unavailable"
    assert client.files("out") == {}


def test_a_used_up_link_gives_nothing_more(director, jansen, strangers):
    made = shared(director, jansen, "--max", "1")
    pick_up(strangers(), made)
    late = strangers()
    pick_up(late, made, expect=6)
    assert late.files("out") == {}


def test_unknown_revoked_and_used_up_links_are_told_alike(director, jansen, strangers):
    made = shared(director, jansen)
    director.dossier("revoke", made["share"])
    unknown = {**made, "link": made["link"].replace(made["share"], "0" * 32)}
    mistyped = {**made, "link": made["link"][:-1] + ("A" if made["link"][-1] != "A" else "B")}
    told = {pick_up(strangers(), link, expect=6).messages for link in (made, unknown, mistyped)}
    assert len(told) == 1


def test_a_wrong_passphrase_saves_nothing_and_the_right_one_still_works(director, jansen, strangers):
    made = shared(director, jansen, "--passphrase")
    client = strangers()
    words = made["passphrase"].split()
    pick_up(client, {**made, "passphrase": " ".join([*words[1:], words[0]])}, expect=12)
    assert client.files("out") == {}
    pick_up(client, made)
    assert sorted(client.files("out").values()) == originals(director)


def test_a_link_is_read_from_standard_input_too(director, jansen, strangers):
    made, client = shared(director, jansen), strangers()
    client.dossier("get", "-", "--out", "out", stdin=made["link"] + "\n")
    assert sorted(client.files("out").values()) == originals(director)


def test_what_is_there_already_is_never_written_over(director, jansen, strangers):
    made, client = shared(director, jansen), strangers()
    client.write("out/report.pdf", b"mine")
    pick_up(client, made)
    assert (client.folder / "out" / "report.pdf").read_bytes() == b"mine"
    assert (client.folder / "out" / "report (2).pdf").exists()


def test_nobody_but_the_client_gets_a_link_without_a_consent(director, jansen):
    said = director.dossier("share", jansen, "--to", "employer", expect=1)
    assert said.error == "consent_required"


def test_the_same_file_twice_is_noticed(director, jansen):
    said = director.dossier("put", jansen, str(director.folder / "jansen" / "report.pdf"))
    assert [document["state"] for document in said.result["documents"]] == ["already"]


def test_what_was_put_is_read_back(director, jansen):
    director.dossier("cat", jansen, "report.pdf", "--out", "back.pdf")
    assert sha256(director.folder / "back.pdf") == sha256(director.folder / "jansen" / "report.pdf")


def test_a_second_device_signs_in_and_reads(director, jansen):
    tablet = director.device("tablet")
    tablet.dossier("login", "--email", EMAIL)
    tablet.dossier("cat", jansen, "scan.pdf", "--out", "scan.pdf")
    assert sha256(tablet.folder / "scan.pdf") in originals(director)
    tablet.dossier("logout")
    assert tablet.dossier("ls", expect=4).error == "sign_in"
    director.dossier("ls")


def test_a_wrong_password_opens_nothing(director):
    thief = director.device("thief")
    thief.environment["DOSSIER_PASSWORD_FILE"] = str(thief.write("password", b"not the password at all\n"))
    (thief.folder / "password").chmod(0o600)
    thief.dossier("login", "--email", EMAIL, expect=12)


def test_without_signing_in_there_is_nothing_to_see(strangers):
    assert strangers().dossier("ls", expect=4).error == "sign_in"
    assert strangers().dossier("share", "x", "--to", "employer", expect=4).error == "sign_in"


def test_a_server_that_is_away_is_told_as_such(tmp_path):
    away = Machine(tmp_path / "away", f"http://127.0.0.1:{free_port()}")
    link = f"{away.environment['DOSSIER_URL']}/s/{'0' * 32}#{'A' * 43}"
    away.dossier("get", link, expect=5)


def test_dossiers_have_an_unambiguous_name(director, jansen):
    found = director.dossier("ls").result["dossiers"]
    chosen = next(dossier["id"] for dossier in found if dossier["name"] == jansen)
    assert director.dossier("ls", chosen[:12]).result == director.dossier("ls", jansen).result
    assert director.dossier("ls", "nobody", expect=None).code in {1, 2}


@pytest.mark.parametrize("whose", ["ours", "stock"])
@pytest.mark.parametrize("flags", [[], ["--classic"]])
def test_an_export_opens_without_us(director, jansen, flags, whose):
    program = [tools.age()] if whose == "stock" else [_python(), "-m", "vault", "age"]
    out = f"exported{len(flags)}-{whose}"
    director.dossier("export", jansen, out, *flags)
    folder = director.folder / out
    exported = sorted(folder.rglob("*.age"))
    assert len(exported) == 2
    opened = [
        subprocess.run(
            [*program, "-d", "-i", str(folder / "identity.txt"), str(path)],
            env=director.environment,
            capture_output=True,
            check=True,
        ).stdout
        for path in exported
    ]
    assert sorted(map(len, opened)) == [70_000, LARGE]
    report = (director.folder / "jansen" / "report.pdf").read_bytes()
    assert opened[[len(one) for one in opened].index(70_000)] == report


def _python() -> str:
    return sys.executable
