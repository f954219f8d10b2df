"""`dossier serve` with one of its processes killed in the middle of a large transfer, or all of them at once."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.answering_server import Answer, Request
from tests.faults.house import Forker, Gateway, House, digest, noise, sha256, tree
from tests.faults.proxy import Proxy
from tests.infra.serving import Server, alive, until
from vault.records.types.document import SEGMENT_SIZE

pytestmark = pytest.mark.slow
SIZES = (SEGMENT_SIZE - 1, SEGMENT_SIZE, SEGMENT_SIZE + 1)


class Served(Gateway):
    """The real thing in place of the gateway that the other tests break step by step."""

    def __init__(self, server: Server) -> None:
        self.server, self.data, self.port, self.url = server, server.data, server.port, server.url

    def close(self) -> None:
        self.server.stop()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("served")
    forker = Forker(SEGMENT_SIZE)
    with Server(folder / "data", log=folder / "log") as server:
        house = House(folder, forker, Served(server))
        house.set_up()
        yield house
        forker.close()


def killing(server: Server, name: str, when: Any) -> Any:
    """Kill that process when the first such request comes; the request goes on to whoever is there then."""
    killed: list[int] = []

    def before(request: Request) -> Answer | None:
        if not killed and when(request):
            killed.append(server.pid if name == "supervisor" else server.children()[name])
            os.kill(killed[0], signal.SIGKILL)
        return None

    return before, killed


@pytest.mark.parametrize("name", ["gateway", "worker", "beat", "supervisor"])
def test_whoever_is_killed_under_way_a_transfer_ends_whole(served: House, out: Path, name: str) -> None:
    server: Server = served.gateway.server
    dossier, content = served.open(f"gedood: {name}"), noise(SEGMENT_SIZE + 1, name)
    path = str(served.write(f"{name}.bin", content))
    with Proxy(server.port) as proxy:
        through = {"env": {"DOSSIER_URL": proxy.url}}
        _survives(served, name, lambda r: r.is_("PUT", "/segments/1"), proxy, ("put", dossier, path), through)
        made = served.does("share", dossier, "--max", "1", **through)
        get = ("get", proxy.url + made["link"][made["link"].index("/s/") :], "--out", str(out))
        _survives(served, name, lambda r: r.is_("GET", "/body"), proxy, get, through)
    assert tree(out) == {f"{name}.bin": content}
    (document,) = served.documents(dossier)
    assert (document["state"], document["digest"]) == ("stored", digest(content))
    assert served.shares(dossier)[0]["used"] == 1
    assert len(list((server.data / "objects" / dossier).glob("*/*"))) == 2


def _survives(served: House, name: str, when: Any, proxy: Proxy, argv: tuple[str, ...], through: Any) -> None:
    server: Server = served.gateway.server
    proxy.before, killed = killing(server, name, when)
    children = list(server.children().values())
    ended = served.run(*argv, **through)
    assert killed
    if name == "supervisor":
        assert ended.code in {0, 5}, ended  # 0: the gateway sent the last bytes before it followed its supervisor
        server.ended()
        until(lambda: not any(alive(pid) for pid in children), what="no child outlives the supervisor")
        server.log.unlink()
        server.start().wait_until_ready()
        ended = served.run(*argv, **through) if ended.code else ended
    assert ended.code == 0, ended
    until(lambda: set(server.children()) == {"gateway", "worker", "beat"}, within=30, what="everybody is back")


def test_the_sizes_around_a_segment_come_back_as_they_were(served: House, out: Path) -> None:
    """Counted in plaintext and in ciphertext: a body is longer than its file."""
    dossier = served.open("rond een segment")
    overhead = 129 * 16
    files = {f"{size}.bin": noise(size, str(size)) for size in (*SIZES, *(size - overhead + 16 for size in SIZES))}
    paths = [str(served.write(f"rond/{name}", content)) for name, content in files.items()]
    served.does("put", dossier, *paths)
    bodies = {one["size"] for one in served.documents(dossier)}
    assert bodies == {len(content) for content in files.values()}
    made = served.does("share", dossier)
    got = served.does("get", made["link"], "--out", str(out))["files"]
    assert {one["name"]: one["sha256"] for one in got} == {name: sha256(content) for name, content in files.items()}
    assert {name: sha256(content) for name, content in tree(out).items()} == {n: sha256(c) for n, c in files.items()}


def test_a_second_server_beside_it_is_refused_and_changes_nothing(served: House, tmp_path: Path) -> None:
    dossier = served.open("twee servers")
    second = Server(served.gateway.data, log=tmp_path / "second").start()
    assert second.ended() == 1
    served.does("put", dossier, str(served.write("twee.txt", b"two")))
    assert [one["state"] for one in served.documents(dossier)] == ["stored"]
