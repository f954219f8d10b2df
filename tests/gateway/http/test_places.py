"""Places for connections: no one source takes them all, and a proxy of ours speaks for many."""

from __future__ import annotations

import resource
from ipaddress import ip_network

import pytest

from gateway.http.places import CONNECTIONS, DESCRIPTORS, Places, most_connections
from gateway.http.sources import network_of


def test_a_trusted_proxy_takes_as_many_as_there_are() -> None:
    places = Places(4, trusted=[ip_network("10.0.3.0/24")])
    assert [places.take(host) for host in ("10.0.3.2", "::ffff:10.0.3.2", "10.0.3.2", "10.0.3.2")] == [""] * 4
    assert places.take("203.0.113.7") is None
    places.give_back("")
    assert places.take("203.0.113.7") == "203.0.113.7"


def test_a_subscriber_is_one_source_by_whatever_address_she_comes() -> None:
    assert network_of("2001:db8::7") == network_of("2001:db8::ffff:1") == "2001:db8::/64"
    assert network_of("2001:db8:0:1::7") != network_of("2001:db8::7")
    assert network_of("::ffff:203.0.113.7") == network_of("203.0.113.7") == "203.0.113.7"
    assert network_of("testclient") == "testclient"


@pytest.mark.parametrize(
    ("limits", "asked", "connections"),
    [
        ((1024, DESCRIPTORS * 2), (DESCRIPTORS, DESCRIPTORS * 2), CONNECTIONS),
        ((1024, 3000), (3000, 3000), 1000),
        ((DESCRIPTORS, DESCRIPTORS), None, CONNECTIONS),
        ((resource.RLIM_INFINITY, resource.RLIM_INFINITY), None, CONNECTIONS),
        ((1024, resource.RLIM_INFINITY), (DESCRIPTORS, resource.RLIM_INFINITY), CONNECTIONS),
    ],
)
def test_there_are_no_more_places_than_descriptors(
    limits: tuple[int, int], asked: tuple[int, int] | None, connections: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_to: list[tuple[int, int]] = []
    monkeypatch.setattr(resource, "getrlimit", lambda _: limits)
    monkeypatch.setattr(resource, "setrlimit", lambda _, both: set_to.append(both))
    assert most_connections() == connections
    assert set_to == ([asked] if asked else [])
