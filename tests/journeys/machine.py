"""Users with their own machines and the real command line; `environment` is all of a machine's state.

A machine that is `here` runs its commands in this process, where they are not the subject: a process for each takes
most of its time to start.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import secrets
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from tests.infra.serving import ROOT, Server
from vault.cli.main import main

EMAIL = "anna@debrug.example"


@dataclass(frozen=True)
class Said:
    """A command's result, messages and exit code."""

    code: int
    result: dict[str, Any]
    messages: str

    @property
    def error(self) -> str:
        """The stable code of the last failure."""
        lines = [line for line in self.messages.splitlines() if line.startswith('{"error"')]
        return json.loads(lines[-1])["error"]["code"] if lines else ""


class Machine:
    """One person's machine."""

    here = False

    def __init__(self, folder: Path, url: str, **environment: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.home = folder / "home"
        kept = {name: value for name, value in os.environ.items() if not name.startswith("DOSSIER_")}
        kept.pop("XDG_RUNTIME_DIR", None)
        self.environment = {
            **kept,
            "PYTHONPATH": str(ROOT),
            "DOSSIER_URL": url,
            "DOSSIER_HOME": str(self.home),
            "DOSSIER_LANG": "en",
            **environment,
        }

    def dossier(self, *words: str, expect: int | None = 0, stdin: str = "") -> Said:
        """Run `dossier --json …` in this machine's folder."""
        done = (self._run_here if self.here else self._run)(["--json", *words], stdin)
        assert expect is None or done.returncode == expect, f"{words}: {done.returncode}\n{done.stdout}{done.stderr}"
        assert "Traceback" not in done.stderr, done.stderr
        return Said(done.returncode, json.loads(done.stdout) if done.stdout.strip() else {}, done.stderr)

    def _run(self, words: list[str], stdin: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "vault", *words],
            cwd=self.folder,
            env=self.environment,
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
        )

    def _run_here(self, words: list[str], stdin: str) -> subprocess.CompletedProcess[str]:
        said, messages = io.StringIO(), io.StringIO()
        with (
            mock.patch.dict(os.environ, self.environment, clear=True),
            mock.patch.object(sys, "stdin", io.StringIO(stdin)),
            contextlib.chdir(self.folder),
            contextlib.redirect_stdout(said),
            contextlib.redirect_stderr(messages),
        ):
            code = main(words)
        return subprocess.CompletedProcess(words, code, said.getvalue(), messages.getvalue())

    def write(self, name: str, content: bytes) -> Path:
        """A file of this person."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    def files(self, folder: str) -> dict[str, str]:
        """The SHA-256 of everything in a folder, by path; hidden folders too."""
        root = self.folder / folder
        return {str(path.relative_to(root)): sha256(path) for path in sorted(root.rglob("*")) if path.is_file()}


class Director(Machine):
    """The director who sets the practice up; password and second factor are in files, as for scripts."""

    def __init__(self, folder: Path, url: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.password_file = folder / "password"
        if not self.password_file.exists():
            self.password_file.write_text(secrets.token_urlsafe(24) + "\n")
            self.password_file.chmod(0o600)
        self.password = self.password_file.read_text().strip()
        self.totp_file = folder / "totp"
        super().__init__(
            folder, url, DOSSIER_PASSWORD_FILE=str(self.password_file), DOSSIER_TOTP_FILE=str(self.totp_file)
        )

    def set_up(self, server: Server) -> dict[str, Any]:
        """Make the practice and sign in."""
        token, sheet = str(server.data / "setup-token"), str(self.folder / "sheet.txt")
        practice = ["--practice", "De Brug", "--email", EMAIL]
        said = self.dossier("init", *practice, "--setup-token-file", token, "--sheet", sheet)
        self.dossier("login", "--email", EMAIL)
        return said.result

    def device(self, name: str) -> Machine:
        """Another machine of the same person: same password, same second factor, an empty home."""
        made = Machine(
            self.folder.parent / name,
            self.environment["DOSSIER_URL"],
            DOSSIER_PASSWORD_FILE=str(self.password_file),
            DOSSIER_TOTP_FILE=str(self.totp_file),
        )
        made.here = self.here
        return made

    def stored(self, name: str, *paths: Path | str) -> str:
        """A dossier with these files in it; its id."""
        dossier: str = self.dossier("open", name, "--purpose", "Guidance").result["dossier"]
        said = self.dossier("put", name, *map(str, paths))
        assert {document["state"] for document in said.result["documents"]} == {"stored"}
        return dossier


class DirectorHere(Director):
    """A director whose commands run in this process."""

    here = True


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
