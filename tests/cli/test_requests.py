"""How many requests a command is: each costs a sign-in check, and a round trip from wherever the member sits."""

from __future__ import annotations

import json

import pytest

from tests.client.house import House
from vault.cli import main as cli
from vault.sdk.dossiers.finding import list_dossiers


@pytest.fixture
def practice(house: House, no_pauses: None, monkeypatch: pytest.MonkeyPatch) -> House:
    monkeypatch.setenv("DOSSIER_LANG", "en")
    assert house.dossier.name == "Anna Bakker"
    list_dossiers(house.signed_in)  # the first time it gets a label
    return house


def requests(practice: House, *argv: object) -> list[str]:
    practice.line.requests.clear()
    assert cli.main([str(argument) for argument in argv]) == 0
    return [f"{request.method} {request.path}" for request in practice.line.requests]


def test_putting_one_small_file_is_four_requests_and_three_by_id(
    practice: House, capsys: pytest.CaptureFixture[str]
) -> None:
    dossier = practice.dossier.id
    sent = requests(practice, "put", "--json", "Anna Bakker", practice.write("a.txt", b"een"))
    assert json.loads(capsys.readouterr().out)["documents"][0]["state"] == "stored"
    assert sent == [
        "GET /chains",
        "POST /dossiers/changes",
        f"GET /dossiers/{dossier}/contents",
        f"POST /dossiers/{dossier}/documents",
    ]
    assert requests(practice, "put", dossier, practice.write("b.txt", b"twee")) == [sent[0], *sent[2:]]


def test_putting_a_folder_is_one_request_a_file_more(practice: House) -> None:
    paths = [practice.write(f"{number}.txt", bytes([number])) for number in range(5)]
    assert len(requests(practice, "put", "Anna Bakker", *paths)) == 3 + 5


def test_putting_what_is_there_sends_nothing(practice: House) -> None:
    path = practice.write("a.txt", b"een")
    requests(practice, "put", "Anna Bakker", path)
    assert len(requests(practice, "put", "Anna Bakker", path)) == 3


def test_sharing_is_five_requests(practice: House) -> None:
    requests(practice, "put", "Anna Bakker", practice.write("a.txt", b"een"))
    dossier = practice.dossier.id
    assert requests(practice, "share", "Anna Bakker", "--to", "client") == [
        "GET /chains",
        "POST /dossiers/changes",
        f"GET /dossiers/{dossier}/contents",
        f"GET /members/{practice.signed_in.member}",  # her name stands on the cover
        f"POST /dossiers/{dossier}/shares",
    ]
