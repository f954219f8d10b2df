"""`dossier` killed at every step of a deposit and of a pick-up: run again, everything is there exactly once."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.faults.house import SEGMENT, Ended, House, digest, noise, tree

pytestmark = pytest.mark.slow
KILLED = -signal.SIGKILL
MOST = 120


def test_a_deposit_killed_at_every_step_converges(house: House, dossier: str) -> None:
    folder, files = house.folder / "killed", {}
    for step in range(MOST):
        files |= {f"{step}.txt": noise(1000, f"small {step}"), f"{step}.bin": noise(SEGMENT + 1, f"large {step}")}
        paths = [house.write(f"killed/{name}", content) for name, content in list(files.items())[-2:]]
        ended = house.run("put", dossier, *map(str, paths), die=step, folders=[str(house.home)])
        if ended.code == 0:
            break
        assert ended.code == KILLED, ended
    else:
        raise AssertionError("it never came to its end")
    assert step > 30
    stored = house.does("put", dossier, *(str(folder / name) for name in files))["documents"]
    assert {one["state"] for one in stored} == {"stored", "already"}
    listed = house.documents(dossier)
    assert sorted(one["name"] for one in listed) == sorted(files)
    assert {one["state"] for one in listed} == {"stored"}
    assert {one["name"]: one["digest"] for one in listed} == {name: digest(content) for name, content in files.items()}
    assert [entry.name for entry in (house.home / "spool").iterdir()] == []
    last = next(one for one in listed if one["name"] == f"{step - 1}.bin")
    house.does("cat", dossier, last["id"], "--out", str(house.folder / "again.bin"))
    assert (house.folder / "again.bin").read_bytes() == files[f"{step - 1}.bin"]


def test_a_pickup_killed_at_every_step_counts_once_and_is_whole(house: House, dossier: str, out: Path) -> None:
    files = {"brief.txt": noise(3_000, "letter"), "scan.bin": noise(SEGMENT * 2 + 70_000, "scan")}
    house.does("put", dossier, *(str(house.write(f"shared/{name}", content)) for name, content in files.items()))
    step, finished = 0, False
    while not finished:
        made = house.does("share", dossier, "--max", "10")
        killed: list[Path] = []
        while len(killed) < 10 and not finished:
            place = out / str(step)
            ended = house.run("get", made["link"], "--out", str(place), die=step, folders=[str(place)])
            finished = ended.code == 0
            assert finished or ended.code == KILLED, ended
            killed.append(place)
            step += 1
        for place in killed:
            _go_on(house, made["link"], place, files)
        (share,) = (one for one in house.shares(dossier) if one["share"] == made["share"])
        assert share["used"] == len(killed)
        assert all(pickup["finished_at"] for pickup in share["pickups"])
    assert step > 30


def _go_on(house: House, link: str, place: Path, files: dict[str, bytes]) -> None:
    if tree(place) != files:
        again: Ended = house.run("get", link, "--out", str(place))
        assert again.code == 0, (place, again, sorted(tree(place)))
    assert tree(place) == files, (place, sorted(tree(place)))
