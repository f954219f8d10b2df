"""Stores of a real vault are emptied, mixed up and put back: refused at a start, or frozen until a director's word."""

from __future__ import annotations

import shlex
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from infra.supervisor.preparing import prepare
from tests.infra.serving import ROOT, Server, free_port, until
from tests.journeys.machine import EMAIL, Director, DirectorHere, Machine
from vault.errors import ConfigurationError
from vault.settings import Settings

pytestmark = pytest.mark.slow
NAME = "Anna Bakker"
EMPTIED = {
    "records": ("records.db",),
    "keystore": ("keystore.db",),
    "key files": ("keys/generation-",),
    "objects": ("objects",),
}


@pytest.fixture(scope="module")
def vault(tmp_path_factory: pytest.TempPathFactory) -> tuple[Server, Director, Path]:
    """A vault that was stopped, with a document and a link; a copy of its data; then one document more."""
    folder = tmp_path_factory.mktemp("restored")
    server = Server(folder / "data", log=folder / "log")
    director = DirectorHere(folder / "director", server.url)
    with server:
        director.set_up(server)
        director.dossier("open", NAME, "--purpose", "Loopbaan")
        director.write("een.txt", b"een")
        director.dossier("put", NAME, "een.txt")
        link = director.dossier("share", NAME, "--to", "client").result["link"]
        swept(server)
    shutil.copytree(folder / "data", folder / "old")
    with Server(folder / "data", port=server.port, log=folder / "log2") as again:
        assert again.data == server.data
        director.write("twee.txt", b"twee")
        director.dossier("put", NAME, "twee.txt")
        swept(server)
    shutil.copytree(folder / "data", folder / "new")
    (folder / "link").write_text(link)
    return server, director, folder


def swept(server: Server) -> None:
    """Until the keystore has seen the newest entry of the audit."""
    newest = asked(server, "records", "select max(number) from audit")
    until(lambda: asked(server, "keystore", "select audit from state") >= newest, within=40)


def asked(server: Server, store: str, query: str) -> int:
    with closing(sqlite3.connect(f"file:{server.data / store}.db?mode=ro", uri=True)) as connection:
        return connection.execute(query).fetchone()[0] or 0


@pytest.mark.parametrize("store", EMPTIED)
def test_a_vault_does_not_start_without_one_of_its_stores_and_touches_none(vault, store, tmp_path):
    data = tmp_path / "data"
    shutil.copytree(vault[2] / "data", data)
    for path in data.rglob("*"):
        if str(path.relative_to(data)).startswith(EMPTIED[store]):
            path.unlink() if path.is_file() else None
    kept = {
        path: path.read_bytes() for room in ("keys", "objects") for path in data.glob(f"{room}/**/*") if path.is_file()
    }
    environment = {"DOSSIER_DATA": str(data), "DOSSIER_LISTEN": f"127.0.0.1:{free_port()}"}
    with pytest.raises(ConfigurationError, match=f"the store of {store} is empty"):
        prepare(Settings.from_environment(environment), environment, lambda *_, **__: None)
    for path, content in kept.items():
        assert path.read_bytes() == content, path


def runbook(chapter: str) -> list[list[str]]:
    """The words of each command in the first block of that chapter of the RUNBOOK."""
    text = (ROOT / "docs" / "RUNBOOK.md").read_text().partition(f"\n## {chapter}\n")[2]
    return [shlex.split(line) for line in text.split("```")[1].splitlines() if line.strip()]


def test_lost_key_files_come_back_from_the_escrow_by_the_commands_of_the_runbook(vault, tmp_path):
    server, director, folder = vault
    data, lost = tmp_path / "data", {}
    shutil.copytree(folder / "data", data)
    for path in sorted(data.glob("keys/generation-*")):
        lost[path.name] = path.read_bytes()
        path.unlink()
    shutil.copytree(data, tmp_path / "tried")  # this process locks what it prepares
    environment = {"DOSSIER_DATA": str(tmp_path / "tried"), "DOSSIER_LISTEN": f"127.0.0.1:{free_port()}"}
    with pytest.raises(ConfigurationError, match="the store of key files"):
        prepare(Settings.from_environment(environment), environment, lambda *_, **__: None)
    machine = Machine(tmp_path, server.url, DOSSIER_HOME=str(director.home))
    shutil.copy(director.folder / "sheet.txt", tmp_path / "sheet.html")
    commands = runbook("Escrow")
    assert len(commands) == 2
    for number, (program, *words) in enumerate(commands):
        assert program == "dossier"
        machine.dossier(*words)
        made = {path.name: path.read_bytes() for path in (tmp_path / "keys").iterdir()}
        assert made == lost
        (tmp_path / "keys").rename(tmp_path / f"keys {number}")
    for path in (tmp_path / "keys 1").iterdir():
        shutil.move(path, data / "keys")
    with Server(data, port=server.port, log=tmp_path / "log"):
        director.dossier("cat", NAME, "een.txt", "--out", str(tmp_path / "een.txt"))
    assert (tmp_path / "een.txt").read_bytes() == b"een"


def test_records_that_were_put_back_freeze_the_vault_until_a_director_signs(vault):
    server, director, folder = vault
    for path in folder.glob("data/records.db*"):
        path.unlink()
    for path in folder.glob("old/records.db*"):
        shutil.copy2(path, folder / "data" / path.name)
    link = (folder / "link").read_text()
    with Server(folder / "data", port=server.port, log=folder / "log3") as server:
        assert server.get("/readyz")[0] == 503
        until(lambda: "stands still" in server.said(), what="it is said once the server is ready")
        director.dossier("login", "--email", EMAIL)
        director.write("drie.txt", b"drie")
        said = director.dossier("put", NAME, "drie.txt", expect=None)
        assert (said.code, said.error) == (7, "rolled_back"), "this device has seen more"
        assert director.dossier("get", link, "--out", "link", expect=None).code == 5
        until(lambda: "frozen: nothing is destroyed" in server.said(), within=20)
        said = director.dossier("repair", "--yes", "--reason", "the copy of Sunday")
        assert [each["store"] for each in said.result["restoration"]["stores"]] == ["records"]
        until(lambda: server.get("/readyz")[0] == 200, within=40, what="it opens")
        director.dossier("login", "--email", EMAIL)
        director.dossier("put", NAME, "drie.txt")
        assert director.dossier("get", link, "--out", "link", expect=None).code == 6
        names = [each["name"] for each in director.dossier("ls", NAME).result["documents"]]
        assert sorted(names) == ["drie.txt", "een.txt"]
    assert len(list((folder / "data" / "objects").glob("[0-9a-f]*/*"))) == 3, "what came later is kept"


def test_stores_that_were_put_back_together_are_found_by_a_device_and_nobody_erased_comes_back(vault):
    server, director, folder = vault
    data, device = folder / "whole", director.device("second")
    shutil.copytree(folder / "new", data)
    with Server(data, port=server.port, log=folder / "log4") as server:
        device.dossier("login", "--email", EMAIL)
        device.dossier("erase", NAME, "--basis", "client", "--wait", "--yes")
        device.dossier("login", "--email", EMAIL)
    shutil.rmtree(data)
    shutil.copytree(folder / "new", data)
    with Server(data, port=server.port, log=folder / "log5") as server:
        assert server.get("/readyz")[0] == 200, "they agree"
        said = device.dossier("login", "--email", EMAIL)
        assert "put back to an earlier day" in said.messages
        until(lambda: server.get("/readyz")[0] == 503, within=20)
        until(lambda: "frozen: nothing is destroyed" in server.said(), within=20)
        device.dossier("login", "--email", EMAIL)
        device.dossier("repair", "--yes", "--reason", "the snapshot of Sunday")
        until(lambda: server.get("/readyz")[0] == 200, within=40, what="it opens")
        until(
            lambda: not asked(server, "records", "select count(*) from dossier"), within=40, what="she is erased again"
        )
