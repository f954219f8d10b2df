"""Readiness, an engine that is away, and a complete OpenAPI."""

from __future__ import annotations

import pytest
from openapi_spec_validator import validate

from tests.gateway.house import House
from vault.errors import UnavailableError


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
        secured = path.startswith("/api/v1/") and not path.startswith(
            ("/api/v1/setup", "/api/v1/session/", "/api/v1/invitations/{invitation}/")
        )
        if secured and (path, method) != ("/api/v1/session", "post"):
            assert operation["security"], (path, method)
    assert set(document["components"]["securitySchemes"]) == {"session", "cookie", "link"}
