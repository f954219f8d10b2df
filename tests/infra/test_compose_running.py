"""The compose file's own commands and environments, as processes on the real engines: they become a vault.

No container runs here. What containers add (networks, mounts, users, limits) is held by test_compose.py; that the words
and variables of the file are enough to serve is held here, with the keys in a folder that the gateway cannot write.
"""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.infra import compose
from tests.infra.loopback import Loopback, loopback
from tests.infra.serving import free_port, until

WITHIN = 120.0
# As `cap_drop: [ALL]` and `no-new-privileges` do it; without them root would write into a folder that is closed to it.
CLOSED = ("setpriv", "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs", "--") if os.geteuid() == 0 else ()


class Containers:
    """Processes by service, each with its log."""

    def __init__(self, place: Loopback) -> None:
        self.place = place
        self.port = free_port()
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def command(self, service: str) -> list[str]:
        words = compose.services()[service]["command"]
        return [*CLOSED, *(sys.executable if word == "python" else word for word in words)]

    def log(self, service: str) -> Path:
        return self.place.folder / f"{service}.log"

    def start(self, service: str, **more: str) -> None:
        with self.log(service).open("wb") as log:
            self.running[service] = subprocess.Popen(
                self.command(service),
                env=self.place.environment(service, **more),
                cwd=compose.ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def get(self, path: str) -> tuple[int, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    def ready(self) -> bool:
        for service, process in self.running.items():
            assert process.poll() is None, f"{service} ended:\n{self.log(service).read_text()}"
        try:
            return self.get("/readyz")[0] == 200
        except OSError:
            return False

    def end(self) -> dict[str, int]:
        for process in self.running.values():
            process.send_signal(signal.SIGTERM)
        return {service: process.wait(WITHIN) for service, process in self.running.items()}


@pytest.fixture(scope="module", name="containers")
def _containers(tmp_path_factory) -> Iterator[Containers]:
    with ExitStack() as stack:
        containers = Containers(stack.enter_context(loopback(tmp_path_factory.mktemp("compose"))))
        stack.callback(lambda: [process.kill() for process in containers.running.values() if process.poll() is None])
        subprocess.run(
            containers.command("prepare"), env=containers.place.environment("prepare"), cwd=compose.ROOT, check=True
        )
        containers.place.keys.chmod(0o500)  # as the gateway's mount has it; the worker's next turn is at night
        containers.start(
            "gateway",
            DOSSIER_LISTEN=f"127.0.0.1:{containers.port}",
            DOSSIER_PUBLIC_URL=f"http://127.0.0.1:{containers.port}",
        )
        (containers.place.data / "timetable").mkdir()  # a mount of its own in the file
        containers.start("worker")
        containers.start("beat")
        until(containers.ready, WITHIN, "/readyz is green")
        yield containers


def test_everything_is_in_order(containers):
    status, said = containers.get("/readyz")
    assert status == 200
    assert {check["name"] for check in said["checks"] if check["ok"]} >= {"records", "keystore", "objects", "sweep"}


def test_a_tick_of_beat_reaches_the_worker_and_its_heartbeat_the_database(containers):
    def beaten() -> bool:
        with psycopg.connect(containers.place.records) as owner:
            return owner.execute("SELECT FROM heartbeat").fetchone() is not None

    until(beaten, WITHIN, "a heartbeat of the sweep")


def test_a_practice_is_set_up_through_the_gateway_and_the_token_is_gone(containers, tmp_path):
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("DOSSIER_")},
        "DOSSIER_URL": f"http://127.0.0.1:{containers.port}",
        "DOSSIER_HOME": str(tmp_path / "home"),
        "DOSSIER_PASSWORD_FILE": str(tmp_path / "password"),
        "DOSSIER_LANG": "en",
    }
    (tmp_path / "password").write_text("leaf harbour violin candle mosaic thunder\n")
    token = containers.place.data / "setup-token"
    words = ["init", "--practice", "Brug", "--email", "ann@brug.example", "--setup-token-file", str(token)]
    done = subprocess.run(
        [sys.executable, "-P", "-m", "vault", *words, "--sheet", str(tmp_path / "sheet.html"), "--json"],
        env=environment,
        cwd=compose.ROOT,
        capture_output=True,
        text=True,
        timeout=WITHIN,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert not token.exists()
    assert sorted(path.name for path in containers.place.keys.iterdir()) == ["generation-1", "generation-of"]


def test_nobody_logs_a_secret_and_everybody_ends_when_told(containers):
    assert set(containers.end().values()) == {0}
    logs = "".join(containers.log(service).read_text() for service in containers.running)
    hidden = [value for name, value in containers.place.made.items() if not name.endswith("access-key")]
    assert not [value for value in hidden if value in logs]
