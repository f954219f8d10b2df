"""A full disk on either side: it is said, nothing is lost, and once there is room the same command goes on."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.house import SEGMENT, House, digest, noise, tree

pytestmark = pytest.mark.slow
BIG = SEGMENT * 20


def test_no_room_for_the_spool_fails_the_large_file_alone(house: House, dossier: str) -> None:
    small, large = (
        house.write(f"{dossier}/klein.txt", b"small"),
        house.write(f"{dossier}/groot.bin", noise(BIG, dossier)),
    )
    ended = house.run("put", dossier, str(small), str(large), room=10)
    assert ended.code == 3, ended
    assert [one.get("reason", one["state"]) for one in ended.json["documents"]] == ["stored", "disk"]
    assert "room" in ended.err
    assert not any((house.home / "spool").iterdir())
    house.does("put", dossier, str(small), str(large))
    assert [one["name"] for one in house.documents(dossier)] == ["groot.bin", "klein.txt"]


@pytest.mark.parametrize("how", ["room", "file_limit"])
def test_no_room_for_a_pickup_is_said_and_counts_once(house: House, dossier: str, out: Path, how: str) -> None:
    content = noise(BIG, dossier)
    house.does("put", dossier, str(house.write(f"{dossier}/groot.bin", content)))
    made = house.does("share", dossier, "--max", "1")
    ended = house.run("get", made["link"], "--out", str(out), **{how: SEGMENT})
    assert ended.code == 5, ended
    assert ended.error["code"] == "disk"
    assert "Nothing was lost" in ended.error["advice"]
    assert [name for name in tree(out) if not name.startswith(".dossier-")] == []
    house.does("get", made["link"], "--out", str(out))
    assert tree(out) == {"groot.bin": content}
    assert house.shares(dossier)[0]["used"] == 1


def test_no_room_to_read_a_document_leaves_no_file(house: House, dossier: str, out: Path) -> None:
    house.does("put", dossier, str(house.write(f"{dossier}/groot.bin", noise(BIG, dossier))))
    ended = house.run("cat", dossier, "groot.bin", "--out", str(out / "groot.bin"), file_limit=SEGMENT)
    assert ended.code == 5, ended
    assert tree(out) == {}


@pytest.mark.parametrize("size", [20_000, 90_000, BIG])
def test_no_room_on_the_server_is_not_now_and_later_it_works(house: House, dossier: str, size: int) -> None:
    content = noise(size, dossier)
    path = str(house.write(f"{dossier}/file.bin", content))
    house.gateway.tell(limit=size // 40, restart=True)
    try:
        ended = house.run("put", dossier, path)
    finally:
        house.gateway.tell(limit=None, restart=True)
    assert ended.code == 5, ended
    assert "Nothing was changed" in ended.error["advice"]
    house.does("put", dossier, path)
    (document,) = house.documents(dossier)
    assert (document["digest"], document["state"]) == (digest(content), "stored")
    assert house.rows(f"select count(*) from document where dossier = '{dossier}'") == [(1,)]


@pytest.mark.parametrize("size", [5_000, BIG])
def test_an_object_that_lost_its_end_is_seven_and_costs_no_pickup(
    house: House, dossier: str, out: Path, size: int
) -> None:
    content = noise(size, dossier)
    house.does("put", dossier, str(house.write(f"{dossier}/file.bin", content)))
    (document,) = house.documents(dossier)
    made = house.does("share", dossier, "--max", "1")
    stored = max((house.gateway.data / "objects").glob(f"*/{document['id']}/*"))
    whole = stored.read_bytes()
    stored.write_bytes(whole[:-16])
    for argv in (
        ("cat", dossier, "file.bin", "--out", str(out / "file.bin")),
        ("get", made["link"], "--out", str(out)),
    ):
        for _ in range(2):
            ended = house.run(*argv)
            assert (ended.code, ended.error["code"]) == (7, "integrity"), ended
            assert [name for name in tree(out) if not name.startswith(".dossier-")] == []
    stored.write_bytes(whole)
    house.does("get", made["link"], "--out", str(out))
    assert tree(out) == {"file.bin": content}
    assert house.shares(dossier)[0]["used"] == 1
