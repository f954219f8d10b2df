"""The worker killed at every step of removing an abandoned deposit: the next sweep finds what is left, and no more."""

from __future__ import annotations

import signal

import pytest

from tests.answering_server import Answer, Request
from tests.faults.house import SEGMENT, House, digest, noise
from tests.faults.proxy import Proxy, through

pytestmark = pytest.mark.slow
MOST = 140


def test_a_sweep_killed_at_every_step_converges(house: House, dossier: str, proxy: Proxy) -> None:
    kept = noise(SEGMENT * 2, "kept")
    house.does("put", dossier, str(house.write(f"{dossier}/blijft.bin", kept)))
    files = {}
    for step in range(MOST):
        files[f"{step}.bin"] = noise(SEGMENT, f"abandoned {step}")
        _abandon(house, dossier, proxy, f"{step}.bin", files[f"{step}.bin"])
        ended = house.sweep(die=step)
        assert ended.code in {0, -signal.SIGKILL}, ended
        if ended.code == 0:
            break
    assert 5 < step < MOST - 1
    assert house.sweep().code == 0
    assert house.rows(f"select count(*) from document where dossier = '{dossier}'") == [(1,)]
    assert house.rows(
        "select count(*) from segment left join document on document.id = segment.document where document.id is null"
    ) == [(0,)]
    objects = house.gateway.data / "objects" / dossier
    assert len(list(objects.glob("*/*"))) == 3
    assert len(list(objects.iterdir())) == 1
    again = house.does("put", dossier, *(str(house.folder / dossier / name) for name in files))["documents"]
    assert {one["state"] for one in again} == {"stored"}
    files["blijft.bin"] = kept
    assert {one["name"]: one["digest"] for one in house.documents(dossier)} == {n: digest(c) for n, c in files.items()}


def _abandon(house: House, dossier: str, proxy: Proxy, name: str, content: bytes) -> None:
    def before(request: Request) -> Answer | None:
        busy = b'{"code":"unavailable","detail":"busy"}'
        return Answer(503, busy, {"Content-Type": "application/problem+json"}) if "/complete" in request.path else None

    proxy.before = before
    ended = house.run("put", dossier, str(house.write(f"{dossier}/{name}", content)), **through(proxy))
    assert ended.code == 5, ended
