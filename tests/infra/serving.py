"""A real `dossier serve` as a process, observed from outside."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).resolve().parents[2]
START_WITHIN = 90.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def until(promise: Callable[[], Any], within: float = START_WITHIN, what: str = "") -> Any:
    """Poll a function until its first true result; the limit is one for a busy machine, and no promise."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        if answer := promise():
            return answer
        time.sleep(0.05)
    raise AssertionError(f"did not come true within {within} s: {what or promise}")


class Server:
    """`dossier serve` on a folder and a port."""

    def __init__(
        self, data: Path, *, port: int | None = None, log: Path, options: Sequence[str] = (), **environment: str
    ) -> None:
        self.data = data
        self.options = list(options)
        self.port = port or free_port()
        self.log = log
        self.url = f"http://127.0.0.1:{self.port}"
        kept = {name: value for name, value in os.environ.items() if not name.startswith("DOSSIER_")}
        self.environment = {
            **kept,
            "DOSSIER_DATA": str(data),
            "DOSSIER_LISTEN": f"127.0.0.1:{self.port}",
            "DOSSIER_LANG": "en",
            **environment,
        }
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, *, preexec: Callable[[], None] | None = None) -> Self:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-m", "vault", "serve", *self.options],
                env=self.environment,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=preexec,  # noqa: PLW1509 - the tests start servers from one thread
            )
        return self

    def __enter__(self) -> Self:
        return self.start().wait_until_ready()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def wait_until_ready(self) -> Self:
        def look() -> bool:
            assert self.process is not None
            assert self.process.poll() is None, f"it ended with {self.process.returncode}:\n{self.said()}"
            return 'logger":"supervisor","event":"ready"' in self.said()

        until(look, START_WITHIN, "ready")
        return self

    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def ended(self, within: float = START_WITHIN) -> int:
        assert self.process is not None
        return self.process.wait(timeout=within)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            return self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise

    def children(self) -> dict[str, int]:
        """The children by name, from the supervisor's log."""
        living = {int(pid) for pid in Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()}
        lines = [
            json.loads(line) for line in self.said().splitlines() if line.endswith("}") and "child started" in line
        ]
        return {line["child"]: line["pid"] for line in lines if line["pid"] in living}

    def get(self, path: str) -> tuple[int, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, json.loads(response.read())
        finally:
            connection.close()


def arguments(pid: int) -> list[str]:
    """A process's arguments; empty when it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return []


def alive(pid: int) -> bool:
    """Whether it runs; a zombie does not count."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in {"Z", "X"}
    except OSError:
        return False
