"""The supervisor's parts one by one, where a whole server would not show them."""

from __future__ import annotations

import http.server
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from infra.supervisor import serving
from infra.supervisor.child import Child
from infra.supervisor.lock import DataLock
from infra.supervisor.preparing import listen
from infra.supervisor.readiness import Readiness, ready
from tests.infra.serving import free_port, until
from vault.errors import ConfigurationError, UnavailableError, VaultError
from vault.settings import Settings

HOLDS_THE_FLOCK = """
import fcntl, sys, time
file = open(sys.argv[1])
fcntl.flock(file, fcntl.LOCK_EX)
print(1, flush=True)
time.sleep(60)
"""


def silent(key: str, /, **values: object) -> None:
    del key, values


@contextmanager
def orphan(path: Path) -> Iterator[subprocess.Popen[bytes]]:
    path.touch()
    with subprocess.Popen([sys.executable, "-c", HOLDS_THE_FLOCK, str(path)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process
        process.kill()


def test_while_a_child_of_a_killed_server_lives_nothing_starts(tmp_path):
    with orphan(tmp_path / "lock"), pytest.raises(VaultError, match="earlier server"):
        DataLock(tmp_path / "lock").take(patience=0.2)


def test_a_child_that_ends_in_time_is_waited_for(tmp_path):
    with orphan(tmp_path / "lock") as process:
        threading.Timer(0.2, process.kill).start()
        lock = DataLock(tmp_path / "lock")
        lock.take(patience=20)
    assert (tmp_path / "lock").read_text() == f"{os.getpid()}\n"
    os.close(lock.handle)


def test_a_lock_that_is_a_link_is_not_followed(tmp_path):
    (tmp_path / "lock").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UnavailableError):
        DataLock(tmp_path / "lock").take()
    assert not (tmp_path / "elsewhere").exists()


def test_an_address_of_another_machine_is_refused(tmp_path):
    settings = Settings.from_environment({"DOSSIER_DATA": str(tmp_path), "DOSSIER_LISTEN": "192.0.2.1:8420"})
    with pytest.raises(ConfigurationError, match=r"192\.0\.2\.1"):
        listen(settings)


def child(*code: str) -> Child:
    return Child("part", [sys.executable, "-c", *code], os.environ, ())


def test_a_child_that_keeps_failing_is_started_less_and_less_often():
    part = child("pass")
    pauses = []
    for _ in range(3):
        part.start()
        assert until(lambda: part.ended() is not None or None) is True
        pauses.append(part.pause)
        assert not part.waits
    assert pauses == [0.5, 1.0, 2.0]
    part.failures = 40
    assert part.pause == 30.0


def test_a_child_that_does_not_listen_is_killed():
    part = child("import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf'); time.sleep(60)")
    part.start()
    part.tell(signal.SIGTERM)
    assert part.leave(0.1) in {True, False}
    assert part.pid is None
    assert part.leave(0.1)
    part.tell(signal.SIGTERM)


@contextmanager
def answering(status: int, body: bytes) -> Iterator[int]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


def checks(**ok: bool) -> bytes:
    return json.dumps({"checks": [{"name": n, "ok": v, "advice": f"mend {n}"} for n, v in ok.items()]}).encode()


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, b"{}", Readiness(ok=True)),
        (503, checks(records=True, objects=False), Readiness(False, "objects is not in order", "mend objects")),
        (503, checks(sweep=False, objects=False), Readiness(False, "objects is not in order", "mend objects")),
        (503, checks(records=True, sweep=False), Readiness(ok=True, late=("sweep",))),
        (503, checks(sweep=False, complete=False), Readiness(ok=True, late=("sweep", "complete"))),
        (503, checks(records=True), Readiness(False, "it answers 503")),
        (502, b"<html>", Readiness(False, "it answers 502")),
    ],
)
def test_what_is_not_ready_is_named(status, body, expected):
    with answering(status, body) as port:
        assert ready("0.0.0.0", port) == expected


def test_nobody_there_is_not_ready():
    assert not ready("127.0.0.1", free_port()).ok


def supervisor(tmp_path: Path, *children: Child) -> serving._Supervisor:
    settings = Settings.from_environment({"DOSSIER_DATA": str(tmp_path), "DOSSIER_LISTEN": f"127.0.0.1:{free_port()}"})
    return serving._Supervisor(settings, list(children), silent, set_up=True)


def test_a_part_that_never_starts_ends_the_start_with_a_reason(tmp_path):
    with serving._signals_kept(), pytest.raises(VaultError, match="part does not start"):
        supervisor(tmp_path, child("raise SystemExit(3)")).run()


def test_a_gateway_that_never_becomes_ready_ends_the_start_with_a_reason(tmp_path, monkeypatch):
    monkeypatch.setattr(serving, "_READY_WITHIN", 0.2)
    part = child("import time; time.sleep(60)")
    with serving._signals_kept(), pytest.raises(VaultError, match="does not become ready"):
        supervisor(tmp_path, part).run()
    assert part.pid is None


def test_what_dies_after_all_is_killed_when_it_is_deaf(tmp_path, monkeypatch):
    monkeypatch.setattr(serving, "_READY_WITHIN", 1.5)
    monkeypatch.setattr(serving, "_GRACE", 0.2)
    deaf = child("import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)")
    with serving._signals_kept(), pytest.raises(VaultError):
        supervisor(tmp_path, deaf).run()
    assert deaf.pid is None


def test_the_newer_kind_of_address_is_listened_on(tmp_path):
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6) as probe:
            port = probe.getsockname()[1]
    except OSError:
        pytest.skip("this machine has no IPv6; nothing to install")
    settings = Settings.from_environment({"DOSSIER_DATA": str(tmp_path), "DOSSIER_LISTEN": f"[::1]:{port}"})
    with listen(settings) as listener:
        assert listener.getsockname()[:2] == ("::1", port)


def test_a_child_that_stands_still_is_killed_and_one_that_nobody_listened_to_is_not(monkeypatch):
    hears, says = os.pipe()
    os.set_blocking(hears, False)
    now = 1000.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    one = Child("one", [sys.executable, "-c", "import time; time.sleep(60)"], os.environ, (says,), hears=hears)
    watch = serving._Supervisor(Settings.from_environment({}), [one], silent, set_up=False)
    one.start()
    os.write(says, b"1")
    watch._notice_silence()
    one.tell(signal.SIGSTOP)
    now += 30
    watch._notice_silence()  # this process stood still itself
    for _ in range(2):
        now += 8
        assert one.ended() is None
        watch._notice_silence()
    code = until(one.ended, what="it is killed, stopped as it is")
    assert code == -signal.SIGKILL
    assert not one.waits, "and starts again after a pause, as any other that ended"
    for end in (hears, says):
        os.close(end)
