"""What people give the command: strange names, strange sizes, strange files. What can be kept comes back as it was."""

from __future__ import annotations

import os
import socket
import threading
from pathlib import Path

import pytest

from tests.answering_server import Answer, Request
from tests.faults.house import SEGMENT, House, digest, noise, sha256, tree
from tests.faults.proxy import Proxy, through

pytestmark = pytest.mark.slow
CHUNK = 65_536
SIZES = (
    0,
    1,
    CHUNK - 1,
    CHUNK,
    CHUNK + 1,
    2 * CHUNK,
    3 * CHUNK,
    SEGMENT - 33,
    SEGMENT - 32,
    SEGMENT - 31,
    SEGMENT,
    2 * SEGMENT,
)
# What it is called here, and what it is saved as there.
NAMES = {
    "gewoon.txt": "gewoon.txt",
    "\U0001f600 \U00020bb7.txt": "\U0001f600 \U00020bb7.txt",
    "regel\neinde\x1b[31m.txt": "regeleinde[31m.txt",
    "rapport\u202efdp.exe": "rapportfdp.exe",
    "c:\u2066verborgen*?.txt": "c_verborgen__.txt",
    "CON.txt": "_CON.txt",
    "nul": "_nul",
    "...": "_ (2)",
    ".bashrc": "_bashrc",
    "achteraan. ": "achteraan",
    " - lijst.txt": "_ lijst.txt",
    " - ": "_",
    "--help": "_help",
    "$(touch x).txt": "$(touch x).txt",
    "a\u0308.txt": "\u00e4.txt",
    "x" * 240 + ".pdf": "x" * 226 + ".pdf",
}


def test_every_size_comes_back_as_it_was(house: House, dossier: str, out: Path) -> None:
    files = {f"{size}.bin": noise(size, str(size)) for size in SIZES}
    paths = [str(house.write(f"{dossier}/{name}", content)) for name, content in files.items()]
    stored = house.does("put", dossier, *paths)["documents"]
    assert [(one["name"], one["size"], one["state"]) for one in stored] == [
        (name, len(content), "stored") for name, content in files.items()
    ]
    made = house.does("share", dossier)
    got = house.does("get", made["link"], "--out", str(out))["files"]
    assert tree(out) == files
    assert {one["name"]: one["sha256"] for one in got} == {name: sha256(content) for name, content in files.items()}


def test_every_name_is_kept_and_saved_harmlessly(house: House, dossier: str, out: Path) -> None:
    folder = house.folder / dossier / "namen"
    folder.mkdir(parents=True)
    for name, safe in NAMES.items():
        (folder / name).write_bytes(safe.encode())
    stored = house.does("put", dossier, str(folder))["documents"]
    assert {one["name"] for one in stored} == set(NAMES)
    assert {one["state"] for one in stored} == {"stored"}
    ended = house.run("put", dossier, str(folder))
    assert ended.code == 0
    assert not any(ord(character) < 32 for line in ended.err.splitlines() for character in line)
    made = house.does("share", dossier)
    house.does("get", made["link"], "--out", str(out))
    assert tree(out) == {f"namen/{safe}": safe.encode() for safe in NAMES.values()}
    plain = house.run("ls", dossier)
    assert "\x1b" not in plain.out + plain.err


def test_names_that_become_alike_do_not_overwrite_each_other(house: House, dossier: str, out: Path) -> None:
    folder = house.folder / dossier / "alike"
    folder.mkdir(parents=True)
    for name in ("a:b", "a*b", "A_B", "a\u200eb"):
        (folder / name).write_bytes(name.encode())
    house.does("put", dossier, str(folder))
    made = house.does("share", dossier)
    house.does("get", made["link"], "--out", str(out))
    assert sorted(content.decode() for content in tree(out).values()) == sorted(("a:b", "a*b", "A_B", "a\u200eb"))
    assert all("\u200e" not in name for name in tree(out))


def test_what_cannot_be_stored_is_said_and_the_rest_is(house: House, dossier: str) -> None:
    folder = house.folder / dossier / "gemengd"
    folder.mkdir(parents=True)
    (folder / "goed.txt").write_bytes(b"good")
    os.mkfifo(folder / "pijp")
    with socket.socket(socket.AF_UNIX) as listening:
        os.chdir(folder)  # the path of a socket has room for 108 bytes
        listening.bind("stopcontact")
    (folder / "kring").symlink_to("kring")
    (folder / "nergens").symlink_to("weg")
    (folder / "rondje").symlink_to(folder)
    (folder / os.fsdecode(b"kapot\xff.txt")).write_bytes(b"name")
    ended = house.run("put", dossier, str(folder), str(folder / "bestaat niet"))
    assert ended.code == 3, ended
    found = {one["name"]: one.get("reason", one["state"]) for one in ended.json["documents"]}
    assert found == {
        "goed.txt": "stored",
        "pijp": "special_file",
        "stopcontact": "special_file",
        "kring": "link_loop",
        "nergens": "missing",
        "rondje": "linked_folder",
        "kapot\ufffd.txt": "name_invalid",
        "bestaat niet": "missing",
    }
    assert [one["name"] for one in house.documents(dossier)] == ["goed.txt"]
    assert house.run("put", dossier, str(folder / "pijp"), str(folder / "kring")).code == 1


def test_a_file_that_may_not_be_read_fails_alone(house: House, dossier: str) -> None:
    readable, secret = (house.write(f"{dossier}/{name}", b"x") for name in ("leesbaar.txt", "geheim.txt"))
    secret.chmod(0)
    ended = house.run("put", dossier, str(readable), str(secret), no_override=True)
    assert ended.code == 3, ended
    assert [one.get("reason", one["state"]) for one in ended.json["documents"]] == ["stored", "unreadable"]


def test_a_file_that_changes_while_it_is_sent_is_not_stored(house: House, dossier: str, proxy: Proxy) -> None:
    """The first large file is on its way when the second, not read yet, begins to be written to."""
    first = house.write(f"{dossier}/eerst.bin", noise(SEGMENT * 2, "first"))
    growing = house.write(f"{dossier}/groeit.bin", noise(SEGMENT * 300, "growing"))
    stop = threading.Event()

    def write() -> None:
        with growing.open("ab") as file:
            while not stop.is_set():
                file.write(b"x")
                file.flush()

    writer, first_comer = threading.Thread(target=write), threading.Lock()

    def before(request: Request) -> Answer | None:
        if request.is_("PUT", "/segments/") and first_comer.acquire(blocking=False):
            writer.start()
        return None

    proxy.before = before
    try:
        ended = house.run("put", dossier, str(first), str(growing), **through(proxy))
    finally:
        stop.set()
        writer.join()
    assert ended.code == 3, ended
    assert [one.get("reason", one["state"]) for one in ended.json["documents"]] == ["stored", "changed"]
    house.does("put", dossier, str(growing))
    assert house.documents(dossier)[1]["digest"] == digest(growing.read_bytes())
