"""A request is one line, a bug a number; neither holds anything personal."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator

import pytest

from tests.gateway.house import House
from vault.logs import JsonLines
from vault.records.encoding import new_id


@pytest.fixture
def lines() -> Iterator[list[str]]:
    written: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            written.append(self.format(record))

    handler = Keep()
    handler.setFormatter(JsonLines())
    logger = logging.getLogger("gateway")
    logger.addHandler(handler)
    before = logger.level
    logger.setLevel(logging.INFO)
    yield written
    logger.removeHandler(handler)
    logger.setLevel(before)


def test_a_request_is_one_line_without_anything_personal(house: House, lines: list[str]) -> None:
    dossier = house.practice.open_dossier()
    document = house.practice.deposit(dossier)
    link, name = house.practice.share(dossier, [document]), new_id()
    auth = house.session()
    lines.clear()
    house.ask("GET", f"/dossiers/{dossier}?after=&limit=7", headers=auth)
    house.link(link, "PUT", f"/{name}")
    house.link(link, "GET", f"/{name}/{document.id}/body")
    house.ask("POST", "/session/parameters", json={"email": "jan@praktijk.example"})
    house.ask("GET", "//nowhere/jan")
    deadline = time.monotonic() + 10
    while len(lines) < 5 and time.monotonic() < deadline:  # a streamed body's line is written when its stream has ended
        time.sleep(0.01)
    requests = {(line["method"], line["route"], line["status"]): line for line in map(json.loads, lines)}
    assert set(requests) == {
        ("GET", "/dossiers/{dossier}", 200),
        ("PUT", "/pickup/{share}/{name}", 200),
        ("GET", "/pickup/{share}/{name}/{document}/body", 200),
        ("POST", "/session/parameters", 200),
        ("GET", "-", 404),
    }
    assert requests["GET", "/pickup/{share}/{name}/{document}/body", 200]["bytes_out"] == len(document.body)
    everything = "".join(lines)
    for secret in (dossier, document.id, link.id, name, "jan", "limit", "127.0.0.1", auth["Authorization"][-20:]):
        assert secret not in everything


def test_a_bug_is_a_bare_500_found_again_by_its_number(
    house: House, lines: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    auth = house.session()
    lines.clear()

    def bug() -> None:
        raise RuntimeError("the secret in the message")

    monkeypatch.setattr(house.ports.store, "reading", bug)
    answer = house.ask("GET", "/dossiers", headers=auth)
    assert (answer.status_code, answer.json()["code"]) == (500, "failed")
    number = answer.json()["instance"].rpartition(":")[2]
    logged = next(json.loads(line) for line in lines if '"unhandled"' in line)
    assert logged["request"] == number
    assert logged["error"] == "builtins.RuntimeError"
    assert any("authenticate" in frame for frame in logged["frames"])
    assert "secret" not in "".join(lines) + answer.text
