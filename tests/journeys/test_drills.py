"""The drills of the RUNBOOK, word for word: a vault loses one store after the other, then its machine, and goes on."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.infra.serving import ROOT, Server, until
from tests.journeys.machine import EMAIL, Director

pytestmark = pytest.mark.slow
NAME = "Anna Bakker"
CHAPTER = (ROOT / "docs" / "RUNBOOK.md").read_text().partition("\n## Drills\n")[2].partition("\n## ")[0]
TITLES = re.findall(r"^### (.+)$", CHAPTER, re.MULTILINE)
LOST = {
    "The records are lost or damaged": ("records.db", "records.db-wal", "records.db-shm"),
    "The keystore is lost or damaged": ("keystore.db",),
    "The key files are lost or damaged": ("keys",),
    "The objects are lost or damaged": ("objects",),
}


def block(title: str) -> str:
    [_, commands, *_] = CHAPTER.partition(f"\n### {title}\n")[2].partition("\n### ")[0].split("```")
    return commands


class Operator:
    """Runs what the RUNBOOK says, with the names that its first block gives."""

    def __init__(self, director: Director, folder: Path) -> None:
        self.director, self.folder = director, folder
        self.ran: set[str] = set()
        program = folder / "bin" / "dossier"
        program.parent.mkdir()
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m vault "$@"\n')
        program.chmod(0o755)
        names = re.findall(r"(\w+)=", CHAPTER.split("```")[1])
        here = (folder / "data", folder / "backup", director.folder / "sheet.txt", EMAIL)
        self.names = dict(zip(names, map(str, here), strict=True))
        assert list(self.names) == ["DOSSIER_DATA", "BACKUP", "SHEET", "EMAIL"]

    def runs(self, title: str) -> None:
        path = f"{self.folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
        environment = {**self.director.environment, **self.names, "PATH": path}
        done = subprocess.run(
            ["sh", "-euc", block(title)], cwd=self.folder, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{title}: {done.stdout}{done.stderr}"
        assert "Traceback" not in done.stderr, done.stderr
        self.ran.add(title)


def checks(server: Server) -> dict[str, bool]:
    return {each["name"]: each["ok"] for each in server.get("/readyz")[1]["checks"]}


def settled(server: Server) -> None:
    until(lambda: server.get("/readyz")[0] == 200, within=60, what="it opens")


def test_every_drill_is_run_and_the_vault_goes_on(tmp_path: Path) -> None:
    server = Server(tmp_path / "data", log=tmp_path / "log")
    director = Director(tmp_path / "director", server.url)
    with server:
        director.set_up(server)
        operator = Operator(director, tmp_path)
        director.dossier("open", NAME, "--purpose", "Loopbaan")
        director.dossier("put", NAME, str(director.write("een.txt", b"een")))
        until(lambda: list((server.data / "escrow").glob("generation-*")), within=60, what="the keys are sealed")
        operator.runs("A backup")
        director.dossier("put", NAME, str(director.write("twee.txt", b"twee")))
    for title, names in LOST.items():
        for name in names:
            path = server.data / name
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        operator.runs(title)
    with Server(server.data, port=server.port, log=tmp_path / "log2") as again:
        assert again.get("/readyz")[1]["status"] == "restored"
        operator.runs("A director lets it go on")
        settled(again)
        operator.runs("A backup")
    operator.names["DOSSIER_DATA"] = str(tmp_path / "moved")
    operator.runs("Everything is lost, or moves to another machine")
    rested(tmp_path / "moved")
    with Server(tmp_path / "moved", port=server.port, log=tmp_path / "log3") as moved:
        until(lambda: not checks(moved).get("clock", True), within=60, what="the clock is in doubt")
        operator.runs("The clock is in doubt, and right")
        settled(moved)
        assert checks(moved)["clock"]
        director.dossier("login", "--email", EMAIL)
        assert read(director, "een.txt") == b"een"
    assert operator.ran == set(TITLES)


def read(director: Director, name: str) -> bytes:
    out = director.folder / f"read-{name}"
    director.dossier("cat", NAME, name, "--out", str(out))
    return out.read_bytes()


def rested(data: Path) -> None:
    """As if the machine had been off for three days."""
    with closing(sqlite3.connect(data / "records.db")) as connection:
        connection.execute("update heartbeat set at = ? where name = 'clock'", (int(time.time()) - 3 * 86_400,))
        connection.commit()
