"""One server for one folder, whole or not at all; nothing outlives it, and what dies comes back."""

from __future__ import annotations

import json
import os
import resource
import signal
import socket
import stat
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.infra.serving import Server, alive, arguments, until
from tests.measured import MEASURED, measured

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One for all who leave it as it was."""
    folder = tmp_path_factory.mktemp("shared")
    with measured():
        running = Server(folder / "data", log=folder / "log")
    with running:
        yield running


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with Server(tmp_path / "data", log=tmp_path / "log") as running:
        yield running


def again(server: Server, **changed: str) -> Server:
    return Server(server.data, port=server.port, log=server.log.with_name("second"), **changed)


def test_it_says_where_it_listens_and_what_to_do_next(shared):
    said = shared.said()
    assert shared.url in said
    assert "dossier init --practice" in said
    assert str(shared.data / "setup-token") in said
    assert shared.get("/readyz")[0] == 200


def test_the_token_is_private_and_its_text_is_nowhere_else(shared):
    path = shared.data / "setup-token"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    token = path.read_text().strip()
    assert token not in shared.said()
    assert all(token not in " ".join(arguments(pid)) for pid in (shared.pid, *shared.children().values()))


def test_what_it_writes_is_its_owners_alone(shared):
    for path in (shared.data, *shared.data.rglob("*")):
        assert not stat.S_IMODE(path.stat().st_mode) & 0o077, path


def test_ticks_are_heard_and_leave_no_files(shared):
    messages = shared.data / "broker" / "messages"
    seen = until(lambda: list((shared.data / "broker" / "timetable").iterdir()), what="beat keeps its timetable")
    assert seen
    time.sleep(6)  # one tick and more: there is no outside sign of a sweep that found nothing
    assert len(list(messages.iterdir())) <= 1
    assert [path for path in (shared.data / "broker" / "reading").rglob("*") if path.is_file()] == []
    assert '"level":"error"' not in shared.said()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_told_to_stop_it_ends_with_nought_and_leaves_nobody_although_somebody_keeps_a_connection(server, number):
    children = server.children()
    assert set(children) == {"gateway", "worker", "beat"}
    with socket.create_connection(("127.0.0.1", server.port)) as idle:
        idle.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n")
        began = time.monotonic()
        assert server.stop(number) == 0
    assert time.monotonic() - began < 20
    assert not any(alive(pid) for pid in children.values())


@MEASURED
def test_a_second_server_on_the_same_data_is_refused_and_harms_nothing(shared):
    second = again(shared).start()
    assert second.ended() == 1
    assert "already runs" in second.said()
    assert str(shared.pid) in second.said()
    assert shared.get("/readyz")[0] == 200


def test_of_two_that_start_at_once_one_serves(tmp_path):
    both = [Server(tmp_path / "data", log=tmp_path / name).start() for name in ("one", "two")]
    try:
        until(lambda: any(server.process.poll() is not None for server in both), what="one is refused")
        refused = next(server for server in both if server.process.poll() is not None)
        other = next(server for server in both if server is not refused)
        assert refused.ended() == 1
        assert "already runs" in refused.said()
        other.wait_until_ready()
    finally:
        codes = sorted(server.stop() for server in both)
    assert codes == [0, 1]


def test_killed_it_leaves_no_child_and_the_next_start_works(server):
    children = server.children()
    os.kill(server.pid, signal.SIGKILL)
    server.ended()
    with again(server) as second:
        assert not any(alive(pid) for pid in children.values())
        assert second.get("/readyz")[0] == 200


@pytest.mark.parametrize("name", ["gateway", "worker", "beat"])
def test_a_killed_child_comes_back(shared, name):
    before = shared.children()
    os.kill(before[name], signal.SIGKILL)
    after = until(lambda: shared.children().get(name, before[name]) != before[name] and shared.children(), what=name)
    assert {other: pid for other, pid in after.items() if other != name} == {
        other: pid for other, pid in before.items() if other != name
    }
    until(lambda: "started again" in shared.said(), what="it says so")
    if name == "gateway":
        until(lambda: answers(shared), what="the gateway answers")


def answers(server: Server) -> bool:
    try:
        return server.get("/readyz")[0] == 200
    except OSError:
        return False


@MEASURED
def test_a_port_in_use_is_told(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        server = Server(tmp_path / "data", port=taken.getsockname()[1], log=tmp_path / "log").start()
        assert server.ended() == 1
        assert "already listens" in server.said()
        assert "DOSSIER_LISTEN" in server.said()


@MEASURED
def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").touch()
    server = Server(tmp_path / "file" / "data", log=tmp_path / "log").start()
    assert server.ended() in {1, 5}
    assert "Traceback" not in server.said()
    assert str(tmp_path / "file") in server.said()


@MEASURED
def test_a_folder_with_other_things_is_left_alone(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data").chmod(0o755)  # whatever files may be seen by others here
    (tmp_path / "data" / "holiday.jpg").touch()
    server = Server(tmp_path / "data", log=tmp_path / "log").start()
    assert server.ended() == 1
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o755
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["holiday.jpg"]


@pytest.mark.parametrize("room", [0, 20_000])
def test_a_full_disk_is_told_and_the_next_start_goes_on(tmp_path, room):
    def no_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))

    server = Server(tmp_path / "data", log=tmp_path / "log")
    with_pipe = server.start(preexec=no_room)
    assert with_pipe.ended() in {1, 5}
    with Server(tmp_path / "data", log=tmp_path / "second") as second:
        assert second.get("/readyz")[0] == 200


@MEASURED
def test_half_a_configuration_starts_nothing(tmp_path):
    server = Server(tmp_path / "data", log=tmp_path / "log", DOSSIER_OBJECTS="s3:papers").start()
    assert server.ended() == 1
    assert "DOSSIER_S3_ENDPOINT" in server.said()
    assert not (tmp_path / "data").exists()


def test_a_moved_clock_shows(tmp_path):
    with Server(tmp_path / "data", log=tmp_path / "log", DOSSIER_CLOCK_OFFSET="+1827d") as server:
        until(lambda: "+1827d" in server.said(), what="it is said once the server is ready")
        assert server.get("/healthz")[1]["clock_offset"] == "+1827d"


def test_what_it_logs_is_json_a_line(shared):
    lines = [line for line in shared.said().splitlines() if line.startswith("{")]
    assert {json.loads(line)["logger"] for line in lines} >= {"supervisor"}


def test_of_several_each_has_its_name_and_a_dead_one_is_missed_by_nobody(tmp_path):
    """On the embedded engines: two gateways on one port, two workers on one queue and one file of records."""
    crew = ("--gateways", "2", "--workers", "2")
    with Server(tmp_path / "data", log=tmp_path / "log", options=crew) as server:
        before = server.children()
        assert set(before) == {"gateway1", "gateway2", "worker1", "worker2", "beat"}
        os.kill(before["gateway2"], signal.SIGKILL)
        os.kill(before["worker1"], signal.SIGKILL)
        for _ in range(20):
            assert server.get("/readyz")[0] == 200
        killed = {name: before[name] for name in ("gateway2", "worker1")}
        until(
            lambda: all(server.children().get(name, pid) != pid for name, pid in killed.items()), what="they are back"
        )
        time.sleep(6)  # one tick and more
        assert server.stop() == 0
    said = [json.loads(line) for line in server.said().splitlines() if line.startswith("{")]
    assert {line["part"] for line in said if "part" in line} >= {"gateway1", "gateway2", "worker1", "worker2"}
    assert [line for line in said if line["level"] == "error" and line["event"] != "child ended"] == []
    assert {line["part"] for line in said if (line["logger"], line["event"]) == ("worker", "ready")} >= {"worker1"}
    assert [line["event"] for line in said if "%" in line["event"]] == [], "every template is filled"
    assert not any(alive(pid) for pid in before.values())


@MEASURED
@pytest.mark.parametrize("words", [("--gateways", "0"), ("--workers", "65"), ("--gateways", "two")])
def test_how_many_is_between_one_and_sixty_four(tmp_path, words):
    server = Server(tmp_path / "data", log=tmp_path / "log", options=words).start()
    assert server.ended() == 2
    assert not (tmp_path / "data").exists()
