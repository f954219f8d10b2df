"""A clock that is wrong on either side: what cannot be is said, what can be goes on, and nothing is destroyed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.faults.house import EMAIL, House, tree
from vault.records.encoding import parse_instant

pytestmark = pytest.mark.slow


def clock(offset: str) -> dict[str, dict[str, str]]:
    return {"env": {"DOSSIER_CLOCK_OFFSET": offset}}


@pytest.fixture
def server_clock(house: House) -> Iterator[Any]:
    yield lambda offset: house.gateway.tell(env={"DOSSIER_CLOCK_OFFSET": offset}, restart=True)
    house.gateway.tell(env={"DOSSIER_CLOCK_OFFSET": "+0s"}, restart=True)


@pytest.fixture
def filled(house: House, dossier: str) -> str:
    house.does("put", dossier, str(house.write(f"{dossier}/a.txt", b"a")))
    return dossier


@pytest.mark.parametrize("offset", ["+2h", "-2h", "+400d"])
def test_signing_in_with_a_wrong_clock_names_the_clock(house: House, tmp_path: Path, offset: str) -> None:
    elsewhere = {"DOSSIER_HOME": str(tmp_path / "other"), "DOSSIER_TOTP_FILE": str(house.home / "totp")}
    ended = house.run("login", "--email", EMAIL, env={**elsewhere, "DOSSIER_CLOCK_OFFSET": offset})
    assert ended.code == 12, ended
    assert ended.error["code"] == "code_wrong"
    assert "clock" in ended.error["advice"]
    assert not (tmp_path / "other" / "keyring").exists()


@pytest.mark.parametrize("offset", ["+3h", "-3h"])
def test_hours_off_the_work_goes_on(house: House, dossier: str, out: Path, offset: str) -> None:
    house.does("put", dossier, str(house.write(f"{dossier}/a.txt", b"a")), **clock(offset))
    made = house.does("share", dossier, **clock(offset))
    house.does("get", made["link"], "--out", str(out), **clock("+5h"))
    assert tree(out) == {"a.txt": b"a"}


def test_a_share_ends_by_the_servers_clock_whatever_the_receivers_says(
    house: House, filled: str, out: Path, server_clock: Any
) -> None:
    made = house.does("share", filled, "--days", "2")
    house.does("get", made["link"], "--out", str(out / "ahead"), **clock("+300d"))
    server_clock("+49h")
    assert house.run("get", made["link"], "--out", str(out / "behind"), **clock("-300d")).code == 6
    server_clock("+0s")
    (share,) = house.shares(filled)
    assert parse_instant(share["expires_at"]) == parse_instant(made["expires_at"])


@pytest.mark.parametrize("offset", ["+200d", "-200d"])
def test_a_share_by_a_clock_that_is_days_off_is_refused_and_not_made(house: House, filled: str, offset: str) -> None:
    ended = house.run("share", filled, **clock(offset))
    assert ended.code == 1, ended
    assert "clock" in ended.error["message"] + ended.error["advice"], ended.err
    assert house.shares(filled) == []
    house.does("share", filled)


def test_a_server_that_is_a_month_ahead_for_a_while_loses_nothing(
    house: House, filled: str, out: Path, server_clock: Any
) -> None:
    made = house.does("share", filled, "--days", "14")
    server_clock("+30d")
    assert house.run("put", filled, str(house.write(f"{filled}/b.txt", b"b"))).code == 4
    assert house.run("get", made["link"], "--out", str(out)).code == 6
    server_clock("+0s")
    house.does("get", made["link"], "--out", str(out))
    assert tree(out) == {"a.txt": b"a"}


def test_an_offset_that_cannot_be_read_changes_nothing(house: House, filled: str) -> None:
    ended = house.run("put", filled, str(house.write(f"{filled}/b.txt", b"b")), **clock("tomorrow"))
    assert ended.code != 0
    assert "DOSSIER_CLOCK_OFFSET" in ended.error["message"]
    assert [one["name"] for one in house.documents(filled)] == ["a.txt"]
