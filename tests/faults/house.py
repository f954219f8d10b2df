"""A practice of one director on a real gateway with real commands, either of which can be killed at any step."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import socket
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from tests.infra.serving import ROOT, free_port, until

EMAIL = "directie@voorbeeld.nl"
PASSWORD = "paarse olifanten dansen vrolijk rond de kerk"
DOSSIER = "Anna Bakker"
SEGMENT = 100_000


@dataclass(frozen=True)
class Ended:
    """A command's end; negative: killed by that signal. `left` steps before its kill were not reached."""

    code: int
    out: str
    err: str
    left: int
    seen: int

    @property
    def json(self) -> dict[str, Any]:
        return json.loads(self.out)

    @property
    def error(self) -> dict[str, str]:
        return json.loads(self.err.strip().splitlines()[-1])["error"]


class Running:
    """A running command."""

    def __init__(self, connection: socket.socket, asked: dict[str, Any]) -> None:
        self._asked = asked
        self._lines = connection.makefile("rw", encoding="utf-8")
        connection.close()
        self._lines.write(json.dumps(asked) + "\n")
        self._lines.flush()

    def ended(self) -> Ended:
        answer = json.loads(self._lines.readline())
        self._lines.close()
        out, err = (Path(self._asked[name]).read_text(errors="replace") for name in ("out", "err"))
        return Ended(answer["code"], out, err, answer["left"], answer["seen"])


class Forker:
    """The forking process."""

    def __init__(self, segment: int = SEGMENT) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.forker", str(segment)],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._process.stdout is not None
        self._port = int(self._process.stdout.readline())

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self._port))

    def close(self) -> None:
        self._process.communicate(timeout=20)


class Gateway:
    """A gateway that restarts after each death, with its own `data` and port."""

    def __init__(self, forker: Forker, data: Path, **environment: str) -> None:
        self.data = data
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = data.with_name(f"{data.name}.log")
        kept = {name: value for name, value in os.environ.items() if not name.startswith("DOSSIER_")}
        own = {"DOSSIER_DATA": str(data), "DOSSIER_LISTEN": f"127.0.0.1:{self.port}", "FAULT_LOG": str(self.log)}
        with forker.connect() as connection:
            self._lines = connection.makefile("rw", encoding="utf-8")
        self.tell(serve={**kept, **own, **environment})

    def tell(self, **asked: Any) -> dict[str, Any]:
        """Arm (`die`), change `env` or `limit`, `stop` or `restart`; returns deaths and rest of the countdown."""
        self._lines.write(json.dumps(asked) + "\n")
        self._lines.flush()
        return json.loads(self._lines.readline())

    def close(self) -> None:
        self._lines.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@dataclass
class House:
    """Folders, a forker, a gateway, and a director who is signed in."""

    folder: Path
    forker: Forker
    gateway: Gateway
    number: int = field(default=0)

    @property
    def home(self) -> Path:
        return self.folder / "home"

    def start(self, *argv: str, **more: Any) -> Running:
        """Begin a command, as `DOSSIER_HOME`'s owner unless `env` says otherwise."""
        self.number += 1
        files = {name: str(self.folder / f"{self.number}.{name}") for name in ("out", "err")}
        env = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "DOSSIER_HOME": str(self.home),
            "DOSSIER_URL": self.gateway.url,
            "DOSSIER_PASSWORD_FILE": str(self.folder / "password"),
            "DOSSIER_LANG": "en",
            **more.pop("env", {}),
        }
        if os.environ.get("FAULT_TRACE"):
            env["FAULT_TRACE"] = "1"
        asked = {"die": -1, "room": None, "file_limit": None, "no_override": False, "folders": [], "stdin": "/dev/null"}
        asked |= {"argv": ["--json", *argv], "env": env, "cwd": str(self.folder), **files, **more}
        return Running(self.forker.connect(), asked)

    def run(self, *argv: str, **more: Any) -> Ended:
        return self.start(*argv, **more).ended()

    def sweep(self, die: int = -1, data: Path | None = None) -> Ended:
        """What the worker does at a tick, two days later; on a copy of the data if that is given."""
        env = {"DOSSIER_DATA": str(data or self.gateway.data)}
        return self.run(env=env, die=die, sweep=True)

    def does(self, *argv: str, **more: Any) -> dict[str, Any]:
        """The result of a command that must succeed."""
        ended = self.run(*argv, **more)
        assert ended.code == 0, (argv, ended.code, ended.out, ended.err)
        return ended.json if ended.out else {}

    def set_up(self) -> None:
        (self.folder / "password").write_text(PASSWORD)
        sheet, token = self.folder / "sheet.html", self.gateway.data / "setup-token"
        self.does(
            *("init", "--practice", "Praktijk Proef", "--email", EMAIL),
            *("--setup-token-file", str(token), "--sheet", str(sheet)),
        )
        self.does("login", "--email", EMAIL)
        self.open(DOSSIER)

    def open(self, name: str) -> str:
        return self.does("open", name, "--purpose", "begeleiding")["dossier"]

    def write(self, name: str, content: bytes) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    def documents(self, dossier: str) -> list[dict[str, Any]]:
        return self.does("ls", dossier)["documents"]

    def shares(self, dossier: str) -> list[dict[str, Any]]:
        return self.does("ls", dossier)["shares"]

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """The rows of the records store."""
        import sqlite3  # noqa: PLC0415

        connection = sqlite3.connect(f"file:{self.gateway.data}/records.db?mode=ro", uri=True)
        try:
            return connection.execute(query).fetchall()
        finally:
            connection.close()


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def digest(content: bytes) -> str:
    """What `ls` says of a file: SHA-256 over the SHA-256 of each 8 MiB."""
    pieces = (content[at : at + 2**23] for at in range(0, len(content), 2**23))
    return hashlib.sha256(b"".join(hashlib.sha256(piece).digest() for piece in pieces)).hexdigest()


def noise(size: int, seed: str) -> bytes:
    """Pseudo-random bytes from a seed."""
    return hashlib.shake_256(seed.encode()).digest(size)


def tree(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def b64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


__all__ = ["DOSSIER", "Ended", "Forker", "Gateway", "House", "digest", "noise", "sha256", "tree", "until"]
