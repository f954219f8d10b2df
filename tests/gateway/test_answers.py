"""What stands on every answer: headers, the page behind links, health, and a complete OpenAPI."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterator

import pytest
from openapi_spec_validator import validate

from gateway.http.security_headers import ALWAYS
from tests.gateway.house import House
from vault.errors import UnavailableError
from vault.logs import JsonLines
from vault.records.encoding import new_id


@pytest.mark.parametrize("path", ["//healthz", "//s/abc", "//nowhere", "/dossiers", "//openapi.json", "//readyz"])
def test_nothing_is_cached_sniffed_framed_or_referred(house: House, path: str) -> None:
    answer = house.ask("GET", path)
    for name, value in ALWAYS.items():
        assert answer.headers[name] == value
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert "strict-transport-security" not in answer.headers
    assert "server" not in answer.headers
    assert "dossier-clock-offset" not in answer.headers


def test_under_tls_browsers_are_told_to_stay_there(building: Callable[..., House]) -> None:
    answer = building(public_url="https://dossier.example/").ask("GET", "//healthz")
    assert answer.headers["strict-transport-security"].startswith("max-age=63072000")


def test_a_clock_that_was_moved_is_shown(building: Callable[..., House]) -> None:
    answer = building(clock_offset="+1827d").ask("GET", "//healthz")
    assert answer.json() == {"status": "ok", "clock_offset": "+1827d"}
    assert answer.headers["dossier-clock-offset"] == "+1827d"


def test_the_page_behind_a_link_is_the_same_for_every_link(house: House) -> None:
    dossier = house.practice.open_dossier()
    link = house.practice.share(dossier, [house.practice.deposit(dossier)])
    pages = [house.ask("GET", f"//s/{name}") for name in (link.id, new_id(), "x", "%F0%9F%98%80")]
    assert len({page.content for page in pages}) == 1
    page = pages[0]
    assert page.status_code == 200
    assert "dossier get" in page.text
    assert 'lang="nl"' in page.text
    assert 'lang="en"' in page.text
    assert "<script" not in page.text
    assert "http" not in page.text.replace("http-equiv", "")
    assert "style-src 'sha256-" in page.headers["content-security-policy"]
    assert house.member("GET", f"/shares/{link.id}").json()["used"] == 0


def test_readiness_names_what_does_not_answer(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    assert house.ask("GET", "//readyz").json()["status"] == "ready"

    def broken() -> None:
        raise UnavailableError("the folder cannot be written", advice="Free some space.")

    monkeypatch.setattr(house.ports.objects, "check", broken)
    answer = house.ask("GET", "//readyz")
    assert answer.status_code == 503
    assert {"name": "objects", "ok": False, "advice": "Free some space."} in answer.json()["checks"]


def test_an_engine_that_is_away_is_a_503_that_says_when(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    auth = house.session()

    def away() -> None:
        raise UnavailableError("/srv/data/records.db is locked", advice="Try again.")

    monkeypatch.setattr(house.ports.store, "reading", away)
    answer = house.ask("GET", "/dossiers", headers=auth)
    assert (answer.status_code, answer.json()["code"], answer.headers["retry-after"]) == (503, "unavailable", "5")
    assert "/srv" not in answer.text


# OpenAPI


def test_the_openapi_is_valid_and_complete(house: House) -> None:
    document = house.contract.document
    validate(document)
    assert document["openapi"].startswith("3.1")
    operations = [
        (path, method, operation) for path, item in document["paths"].items() for method, operation in item.items()
    ]
    assert len({operation["operationId"] for *_, operation in operations}) == len(operations)
    for path, method, operation in operations:
        assert operation["summary"], path
        assert operation["description"], path
        assert "500" in operation["responses"], path
        assert "503" in operation["responses"], path
        for status, answer in operation["responses"].items():
            assert answer["description"], (path, status)
            if int(status) >= 400:
                assert "application/problem+json" in answer["content"], (path, status)
        secured = path.startswith("/api/v1/") and not path.startswith(("/api/v1/setup", "/api/v1/session/"))
        if secured and (path, method) != ("/api/v1/session", "post"):
            assert operation["security"], (path, method)
    assert set(document["components"]["securitySchemes"]) == {"session", "cookie", "link"}


# Logs


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
