"""HEAD is GET without its content, wherever nothing is counted by a GET."""

from __future__ import annotations

import pytest

from tests.gateway.house import House


@pytest.mark.parametrize("path", ["//s/abc", "//healthz", "//readyz", "//openapi.json", "/setup", "//nowhere"])
def test_head_has_the_status_and_headers_of_get_and_no_content(house: House, path: str) -> None:
    got, head = house.ask("GET", path), house.ask("HEAD", path)
    assert head.status_code == got.status_code
    assert dict(head.headers) | {"date": ""} == dict(got.headers) | {"date": ""}
    assert head.content == b""


def test_head_of_what_only_a_member_sees_asks_who_it_is(house: House) -> None:
    assert house.ask("HEAD", "/dossiers").status_code == 401
    assert house.member("HEAD", "/dossiers").headers["content-length"] == str(
        len(house.member("GET", "/dossiers").content)
    )


def test_head_of_a_body_is_refused_for_it_would_count_as_a_reading(house: House) -> None:
    dossier = house.practice.open_dossier()
    document = house.practice.deposit(dossier)
    answer = house.member("HEAD", f"/documents/{document.id}/body")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")
    events = [entry["event"] for entry in house.member("GET", f"/dossiers/{dossier}/audit").json()["items"]]
    assert "read" not in " ".join(events)


def test_where_get_is_allowed_head_is_said_to_be(house: House) -> None:
    assert house.ask("DELETE", "//healthz").headers["allow"] == "GET, HEAD"
    assert house.ask("GET", "/session").headers["allow"] == "POST"
