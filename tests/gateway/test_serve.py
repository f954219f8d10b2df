"""The gateway as a process on the embedded engines: it starts by itself, ends when told, and its memory stays flat."""

from __future__ import annotations

import hashlib
import http.client
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway import serve
from tests.actors import Deposited, Practice
from tests.gateway.house import API, content_digest, form, parts_of
from tests.installation import built
from tests.measured import measured
from vault.adapters.sql.migrate import migrate_database, migrate_keystore
from vault.domain.sessions import SessionRow
from vault.flows.people.signing_in import token_hash
from vault.records.types.document import SEGMENT_SIZE, body_digest
from vault.settings import Settings
from vault.wiring import keystore, records

SEGMENTS = 24
TOKEN = "a" * 43


class Process:
    """`python -m gateway` and the practice that it serves."""

    def __init__(self, data: Path) -> None:
        listener = socket.create_server(("127.0.0.1", 0))
        self.port = listener.getsockname()[1]
        with measured():
            kept = {name: value for name, value in os.environ.items() if not name.startswith("DOSSIER_")}
        listen = {"DOSSIER_DATA": str(data), "DOSSIER_LISTEN": f"127.0.0.1:{self.port}"}
        settings = Settings.from_environment(listen)
        migrate_database(records(settings))
        migrate_keystore(keystore(settings))
        ports = built(settings)
        self.practice = Practice(ports, now=datetime.now(UTC).replace(microsecond=0))
        object.__setattr__(ports, "setup_token", lambda: b"the-set-up-token")
        self.practice.set_up()
        with ports.store.transaction() as tx:
            tx.add_session(
                SessionRow(token_hash(TOKEN), self.practice.director.id, self.practice.now, self.practice.now)
            )
        self.log = data / "log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-m", "gateway", "--fd", str(listener.fileno())],
                env={**kept, **listen},
                stderr=log,
                pass_fds=[listener.fileno()],
            )
        listener.close()

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(
                method, path, body=body, headers={"Authorization": f"Dossier-Session {TOKEN}", **headers}
            )
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def received(self, path: str) -> int:
        """How many bytes a body has, without holding them."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request("GET", path, headers={"Authorization": f"Dossier-Session {TOKEN}"})
            response, total, piece = connection.getresponse(), 0, bytearray(1 << 20)
            while count := response.readinto(piece):
                total += count
            return total
        finally:
            connection.close()

    def resident(self) -> int:
        """Its highest resident memory until now, in bytes."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) * 1024


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Process]:
    started = Process(tmp_path)
    yield started
    if started.process.poll() is None:
        started.process.kill()
    started.process.wait(10)


def zeros(practice: Practice) -> Deposited:
    """A large document whose every segment is the same, so that the test need not hold it."""
    segment = content_digest_bytes(bytes(SEGMENT_SIZE))
    dossier = practice.open_dossier()
    size, digest = SEGMENTS * SEGMENT_SIZE, body_digest([segment] * SEGMENTS)
    document = practice.new_document(dossier, b"not sent this way", size=size, digest=digest)
    practice.begin(dossier, document)
    return document


def content_digest_bytes(segment: bytes) -> bytes:
    return hashlib.sha256(segment).digest()


@pytest.mark.slow
def test_large_bodies_pass_through_with_flat_memory_and_a_clean_end(process: Process) -> None:
    assert process.ask("GET", "/readyz")[0] == 200
    document, segment = zeros(process.practice), bytes(SEGMENT_SIZE)
    path = f"{API}/documents/{document.id}"
    assert process.ask("PUT", f"{path}/segments/0", segment, **content_digest(segment))[0] == 201
    before = process.resident()
    for number in range(1, SEGMENTS):
        assert process.ask("PUT", f"{path}/segments/{number}", segment, **content_digest(segment))[0] == 201
    record = form(parts_of(document)[:3])
    assert process.ask("POST", f"{path}/complete", record["content"], **record["headers"])[0] == 200
    assert process.received(f"{path}/body") == SEGMENTS * SEGMENT_SIZE
    assert process.resident() - before < 64 * 1024 * 1024
    process.process.send_signal(signal.SIGTERM)
    assert process.process.wait(15) == 0
    lines = [json.loads(line) for line in process.log.read_text().splitlines()]
    assert [line["status"] for line in lines if line["event"] == "request"].count(201) == SEGMENTS
    assert document.id not in process.log.read_text()


def test_a_download_under_way_does_not_hold_up_the_end(process: Process) -> None:
    assert process.ask("GET", "/readyz")[0] == 200
    dossier = process.practice.open_dossier()
    document = process.practice.deposit(dossier, bytes(3 * SEGMENT_SIZE))
    with socket.create_connection(("127.0.0.1", process.port), timeout=30) as connection:
        request = f"GET {API}/documents/{document.id}/body HTTP/1.1\r\nHost: x\r\nAuthorization: Dossier-Session {TOKEN}\r\n\r\n"
        connection.sendall(request.encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 200")
        process.process.send_signal(signal.SIGTERM)
        began = time.monotonic()
        assert process.process.wait(18) == 0
        assert time.monotonic() - began < 15


def test_half_a_configuration_starts_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before, handlers = (
        list(logging.getLogger().handlers),
        [signal.getsignal(n) for n in (signal.SIGTERM, signal.SIGINT)],
    )
    monkeypatch.setenv("DOSSIER_DATABASE_URL", "postgresql://localhost/records")
    try:
        assert serve.main([]) == 1
    finally:
        logging.getLogger().handlers[:] = before
        signal.signal(signal.SIGTERM, handlers[0])
        signal.signal(signal.SIGINT, handlers[1])
    line = json.loads(capsys.readouterr().err.splitlines()[-1])
    assert (line["event"], line["code"]) == ("not started", "configuration")
    assert "DOSSIER_KEYSTORE_URL" in line["reason"]
