"""What stands on every answer: nothing cached, sniffed, framed or referred."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gateway.http.security_headers import ALWAYS
from tests.gateway.house import House


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
