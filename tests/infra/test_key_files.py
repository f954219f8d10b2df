"""Which process opens which file of keys: the table of THREAT_MODEL, by what each one opens, and as containers have it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.infra.compose import ROOT, services
from tests.infra.serving import Server
from tests.journeys.machine import Director
from vault.adapters import installation

pytestmark = pytest.mark.slow
Opened = tuple[set[str], set[str]]
TABLE = re.compile(r"^\| `(gateway|worker|beat)` \| (.*?) \| (.*?) \| (.*?) \|$", re.MULTILINE)
HOOK = ROOT / "tests" / "opened_files"


def table() -> dict[str, tuple[set[str], set[str], set[str]]]:
    """What the document says that each process reads, writes and mounts; `N` in a file's name is a number."""
    said = TABLE.findall((ROOT / "docs" / "THREAT_MODEL.md").read_text())
    assert len(said) == 3
    return {process: (quoted(reads), quoted(writes), quoted(mounts)) for process, reads, writes, mounts in said}


def quoted(cell: str) -> set[str]:
    return set(re.findall(r"`([^`]+)`", cell))


@pytest.fixture(scope="module", name="opened")
def _opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Opened]]:
    """What each process of a vault opened, from its start to an erasure and a turn."""
    folder = tmp_path_factory.mktemp("opened")
    notes = folder / "notes"
    path = f"{HOOK}:{ROOT}"
    with Server(folder / "data", log=folder / "log", PYTHONPATH=path, OPENED=str(notes)) as server:
        director = Director(folder / "anna", server.url)
        director.set_up(server)
        director.stored("Weg", director.write("a.txt", b"text"))
        director.dossier("erase", "Weg", "--basis", "client", "--wait", "--yes")
        children = {pid: name for name, pid in server.children().items()}
        found: dict[str, Opened] = {name: (set(), set()) for name in children.values()}
        for line in notes.read_text().splitlines():
            pid, how, opened = line.split(" ", 2)
            if int(pid) in children:
                found[children[int(pid)]][how == "writes"].add(named(Path(opened)))
        modes = {each.stat().st_mode & 0o777 for each in (folder / "data" / "keys").iterdir()}
        assert modes == {0o600}
        assert (folder / "data" / "keys").stat().st_mode & 0o777 == 0o700
        yield found


def named(path: Path) -> str:
    """A file's name in the table: of what is written beside its place and then named, too."""
    name = re.sub(r"\d+", "N", re.sub(r"^\.(.*)\.[0-9a-f]+$", r"\1", path.name))
    return f"escrow/{name}" if path.parent.name == "escrow" else name


def test_each_process_opens_what_the_table_says_and_nothing_else(opened: dict[str, Opened]) -> None:
    assert opened == {process: (reads, writes) for process, (reads, writes, _) in table().items()}


def test_each_container_mounts_what_the_table_says_of_the_keys_and_nothing_else() -> None:
    for process, (_, _, mounts) in table().items():
        given = [volume.split(":") for volume in services()[process].get("volumes", [])]
        keys = {":".join([name, *mode]) for name, _, *mode in given if name in {"keys", "gateway", "worker"}}
        assert keys == mounts, process
        assert int(services()[process]["user"].split(":")[0]) > 0, "no root, who reads everything"


def test_what_lies_in_a_roles_own_volume_is_what_its_process_reads(tmp_path: Path) -> None:
    installation.make(tmp_path / "worker" / "installation", tmp_path / "gateway" / "installation", set_up=False)
    for process in ("gateway", "worker"):
        made = {path.name for path in (tmp_path / process).iterdir()}
        assert made == {name for name in table()[process][0] if name.startswith("installation-")}
        assert {path.stat().st_mode & 0o777 for path in (tmp_path / process).iterdir()} == {0o600}
