"""What a device saw, and a server that was put back does not show, is told by name."""

from __future__ import annotations

import json

import pytest

from tests.client.house import House
from vault.cli import main as cli
from vault.sdk.documents.unshown import unshown
from vault.sdk.dossiers.finding import load_dossier
from vault.sdk.errors import ForkError, RollbackError, SeenError

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def seen(house: House, monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> House:
    """The device saw a.txt, b.txt and c.txt; the records are those from before the last two."""
    monkeypatch.setenv("DOSSIER_HOME", str(house.home.path))
    monkeypatch.setenv("DOSSIER_LANG", "en")
    house.put(house.dossier, **{"a.txt": b"a"})
    yesterday = house.gateway.rows.copy()
    house.put(house.dossier, **{"b.txt": b"b", "in/c.txt": b"c"})
    assert cli.main(["ls", house.dossier.id]) == 0
    house.ports.store._tables = yesterday  # type: ignore[attr-defined]
    capsys.readouterr()
    return house


@pytest.mark.parametrize("language", ["en", "nl"])
def test_records_put_back_and_added_to_end_with_7_and_name_what_is_missing(
    seen: House, capsys: Capture, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    monkeypatch.setenv("DOSSIER_LANG", language)
    other = load_dossier(seen.device("two"), seen.dossier.id)
    for name in ("x.txt", "y.txt", "z.txt"):
        seen.put(other, **{name: name.encode()})
    for _ in range(2):
        assert cli.main(["ls", seen.dossier.id, "--json"]) == 7
        lines = capsys.readouterr().err.splitlines()
        assert json.loads(lines[-1])["error"]["code"] == "forked"
        told = [line for line in lines if ".txt" in line]
        assert [line.rpartition("  ")[2].strip('"}') for line in told] == ["b.txt", "c.txt"], (
            "and looking changed nothing"
        )


def test_records_put_back_name_what_is_missing(seen: House) -> None:
    signed_in = seen.again()
    with pytest.raises(RollbackError) as told:
        load_dossier(signed_in, seen.dossier.id)
    assert [one.name for one in unshown(signed_in, told.value)] == ["b.txt", "c.txt"]


def test_nothing_is_named_of_what_is_no_index_or_was_not_kept(seen: House) -> None:
    signed_in = seen.again()
    assert unshown(signed_in, ForkError("x")) == []
    with pytest.raises(SeenError) as told:
        load_dossier(signed_in, seen.dossier.id)
    seen.line.refuse("GET", "/contents$", 500, "integrity")
    assert unshown(signed_in, told.value) == []
    seen.line.clear()
    for path in (seen.home.path / "names").glob("*"):
        path.unlink()
    assert unshown(signed_in, told.value) == []
