"""The gateway killed at every commit, object and answer of a deposit and a pick-up: the client goes on by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.faults.house import House, digest, noise, tree

pytestmark = pytest.mark.slow
MOST = 120


def killed(house: House, act: Callable[[int], None]) -> int:
    """Do something again and again, the gateway dying one step later each time, until it no longer dies; the steps."""
    for step in range(MOST):
        house.gateway.tell(die=step)
        before = house.gateway.tell()["deaths"]
        act(step)
        state = house.gateway.tell()
        house.gateway.tell(die=-1)
        if state["deaths"] == before:
            assert state["left"] >= 0
            return step
    raise AssertionError("it never came to its end")


@pytest.fixture(autouse=True)
def unarmed(house: House) -> Iterator[None]:
    yield
    house.gateway.tell(die=-1)


def patiently(house: House, *argv: str, **more: Any) -> dict[str, Any]:
    """A command that is told `try again` once at most."""
    ended = house.run(*argv, **more)
    if ended.code == 5:
        ended = house.run(*argv, **more)
    assert ended.code == 0, (argv, ended)
    return ended.json


@pytest.mark.parametrize("size", [5_000, 150_000])
def test_a_deposit_survives_the_gateway_dying_at_every_step(house: House, dossier: str, size: int) -> None:
    files = {}

    def put(step: int) -> None:
        files[f"{step}.bin"] = noise(size, f"{step}")
        patiently(house, "put", dossier, str(house.write(f"dying/{size}/{step}.bin", files[f"{step}.bin"])))

    assert killed(house, put) > 8
    listed = house.documents(dossier)
    assert sorted((one["name"], one["digest"]) for one in listed) == sorted((n, digest(c)) for n, c in files.items())
    assert {one["state"] for one in listed} == {"stored"}
    known = {row[0] for row in house.rows("select id from document")}
    on_disk = {path.parent.name for path in (house.gateway.data / "objects" / dossier).glob("*/*")}
    assert on_disk <= known
    one = house.does("cat", dossier, listed[0]["id"], "--out", str(house.folder / f"one-{size}"))
    assert one is not None
    assert (house.folder / f"one-{size}").read_bytes() == files[listed[0]["name"]]


def test_a_share_survives_the_gateway_dying_at_every_step(house: House, dossier: str) -> None:
    house.does("put", dossier, str(house.write("dying/share.txt", b"to share")))
    links = []
    steps = killed(house, lambda step: links.append(patiently(house, "share", dossier)["share"]))
    assert steps > 2
    assert sorted(share["share"] for share in house.shares(dossier)) == sorted(links)


def test_a_pickup_survives_the_gateway_dying_at_every_step(house: House, dossier: str, out: Path) -> None:
    files = {"a.bin": noise(150_000, "a"), "b.txt": b"b"}
    house.does("put", dossier, *(str(house.write(f"dying/get/{name}", content)) for name, content in files.items()))
    links = [house.does("share", dossier, "--max", "1") for _ in range(24)]

    def get(step: int) -> None:
        patiently(house, "get", links[step]["link"], "--out", str(out / str(step)))
        assert tree(out / str(step)) == files

    assert killed(house, get) > 5
    assert all(share["used"] <= 1 for share in house.shares(dossier))
