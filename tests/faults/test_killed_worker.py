"""The worker killed at every step of removing an abandoned deposit: the next sweep finds what is left, and no more."""

from __future__ import annotations

import shutil
import signal
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.answering_server import Answer, Request
from tests.faults.house import SEGMENT, House, digest, noise
from tests.faults.proxy import Proxy, through

pytestmark = pytest.mark.slow
MOST = 60


def test_a_sweep_killed_at_every_step_converges(house: House, dossier: str, proxy: Proxy) -> None:
    assert house.sweep().code == 0  # what other tests left over is no step of this one
    kept, gone = noise(SEGMENT * 2, "kept"), noise(SEGMENT, "abandoned")
    house.does("put", dossier, str(house.write(f"{dossier}/blijft.bin", kept)))
    _abandon(house, dossier, proxy, "weg.bin", gone)
    for step in range(MOST):
        copy = house.folder / f"copy{step}"
        shutil.copytree(house.gateway.data, copy, ignore=_but(dossier))
        ended = house.sweep(die=step, data=copy)
        assert ended.code in {0, -signal.SIGKILL}, ended
        assert house.sweep(data=copy).code == 0
        _check_only_one_is_left(copy, dossier)
        shutil.rmtree(copy)
        if ended.code == 0:
            break
    assert 5 < step < MOST - 1
    assert house.sweep().code == 0
    _check_only_one_is_left(house.gateway.data, dossier)
    [again] = house.does("put", dossier, str(house.folder / dossier / "weg.bin"))["documents"]
    assert again["state"] == "stored"
    stored = {one["name"]: one["digest"] for one in house.documents(dossier)}
    assert stored == {"blijft.bin": digest(kept), "weg.bin": digest(gone)}


def _but(dossier: str) -> Callable[[str, list[str]], set[str]]:
    """What a copy leaves out: the lock, the queue, and the objects of every other dossier."""

    def ignored(folder: str, names: list[str]) -> set[str]:
        if Path(folder).name == "objects":
            return set(names) - {dossier, "ledger"}
        return {"lock", "broker"} & set(names)

    return ignored


def _abandon(house: House, dossier: str, proxy: Proxy, name: str, content: bytes) -> None:
    def before(request: Request) -> Answer | None:
        busy = b'{"code":"unavailable","detail":"busy"}'
        return Answer(503, busy, {"Content-Type": "application/problem+json"}) if "/complete" in request.path else None

    proxy.before = before
    ended = house.run("put", dossier, str(house.write(f"{dossier}/{name}", content)), **through(proxy))
    assert ended.code == 5, ended


def _check_only_one_is_left(data: Path, dossier: str) -> None:
    """The stored document, its segments, its objects; nothing of the abandoned one."""
    with sqlite3.connect(data / "records.db") as records:
        documents = records.execute("select id from document where dossier = ?", [dossier]).fetchall()
        strays = records.execute(
            "select count(*) from segment left join document on document.id = segment.document where document.id is null"
        ).fetchone()
    records.close()
    assert (len(documents), strays) == (1, (0,))
    objects = data / "objects" / dossier
    assert [path.name for path in objects.iterdir()] == [documents[0][0]]
    assert len(list(objects.glob("*/*"))) == 3
