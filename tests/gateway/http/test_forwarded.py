"""Behind our own proxies every caller is told apart; nobody can call himself somebody else."""

from __future__ import annotations

from ipaddress import ip_network

import anyio
import pytest
from starlette.requests import Request

from gateway.app import from_settings
from gateway.http.forwarded import ForwardedFor, is_elsewhere, source_of
from vault.adapters.installation import make
from vault.settings import Settings

CADDY, INNER, CALLER, OTHER = "10.0.3.2", "10.0.3.9", "203.0.113.7", "198.51.100.4"
TRUSTED = (ip_network("10.0.3.0/24"), ip_network("::1/128"))


def source(peer: str, *lines: str, trusted=TRUSTED) -> str:
    seen = []

    async def app(scope, receive, send):
        seen.append(scope["client"][0])

    headers = [(b"host", b"x"), *((b"x-forwarded-for", line.encode("latin-1")) for line in lines), (b"accept", b"*/*")]
    scope = {"type": "http", "client": (peer, 4711), "headers": headers}
    anyio.run(ForwardedFor(app, trusted=trusted), scope, None, None)
    return seen[0]


def test_what_a_trusted_proxy_says_counts():
    assert source(CADDY, CALLER) == CALLER
    assert source("::1", "2001:db8::7") == "2001:db8::7"


def test_who_comes_by_himself_is_who_he_is_whatever_he_says():
    assert source(CALLER, OTHER) == CALLER
    assert source(CALLER, CADDY) == CALLER
    assert source(CADDY, CALLER, trusted=()) == CADDY


def test_what_the_caller_wrote_before_the_proxy_counts_for_nothing():
    assert source(CADDY, f"{OTHER}, {CALLER}") == CALLER
    assert source(CADDY, OTHER, CALLER) == CALLER, "in a line of its own"
    assert source(CADDY, f"{CADDY}, {CALLER}") == CALLER, "nor does the name of a trusted one"


def test_a_chain_of_trusted_proxies_is_followed_to_its_begin():
    assert source(CADDY, f"{OTHER}, {CALLER}, {INNER}") == CALLER


@pytest.mark.parametrize("lines", [(), ("",), (" , ",), ("unknown",), ("_hidden",), ("1.2.3.4.5",), (f"{CALLER} x",)])
def test_a_proxy_that_names_nobody_is_the_caller(lines):
    assert source(CADDY, *lines) == CADDY


def test_an_entry_that_is_no_address_ends_the_search():
    assert source(CADDY, f"{OTHER}, unknown, {INNER}") == INNER


@pytest.mark.parametrize("text", [f"{CALLER}:5678", f"::ffff:{CALLER}", f"[::ffff:{CALLER}]:5678"])
def test_one_caller_has_one_name(text):
    assert source(CADDY, text) == CALLER


def test_who_only_seems_another_kind_of_address_is_trusted_as_what_he_is():
    assert source(f"::ffff:{CADDY}", CALLER) == CALLER


def test_the_gateway_hears_of_it_before_anything_counts_by_source(tmp_path):
    given = {"DOSSIER_DATA": str(tmp_path), "DOSSIER_TRUSTED_PROXIES": "10.0.3.0/24"}
    settings = Settings.from_environment(given)
    make(settings.installation_key, settings.installation_key, set_up=False)
    outermost = from_settings(settings).user_middleware[0]
    assert (outermost.cls, outermost.kwargs) == (ForwardedFor, {"trusted": (TRUSTED[0],), "carries": False})
    del given["DOSSIER_TRUSTED_PROXIES"]
    assert from_settings(Settings.from_environment(given)).user_middleware[0].cls is not ForwardedFor


def test_what_is_no_request_or_has_no_peer_passes_as_it_is():
    seen = []

    async def app(scope, receive, send):
        seen.append(scope)

    for scope in ({"type": "lifespan"}, {"type": "http", "client": None, "headers": []}):
        anyio.run(ForwardedFor(app, trusted=TRUSTED), scope, None, None)
    assert seen == [{"type": "lifespan"}, {"type": "http", "client": None, "headers": []}]


@pytest.mark.parametrize(
    ("host", "source"),
    [("192.0.2.7", "192.0.2.7"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"), ("testclient", "testclient")],
)
def test_a_source_is_an_address_or_a_subscribers_network(host: str, source: str) -> None:
    assert source_of(Request({"type": "http", "client": (host, 1), "headers": []})) == source
    assert source_of(Request({"type": "http", "client": None, "headers": []})) == ""


@pytest.mark.parametrize(
    ("client", "server", "elsewhere"),
    [
        (("198.51.100.7", 1), ("192.0.2.1", 443), True),
        (("198.51.100.7", 1), None, True),
        (("192.0.2.1", 1), ("192.0.2.1", 443), False),
        (("127.0.0.1", 1), ("192.0.2.1", 443), False),
        (("::1", 1), ("::1", 443), False),
        (("::ffff:127.0.0.1", 1), ("::", 443), False),
        (("2001:db8::7", 1), ("unix", None), True),
        (("nobody", 1), ("192.0.2.1", 443), False),
        (None, ("192.0.2.1", 443), False),
    ],
)
def test_a_client_is_elsewhere_unless_it_may_be_on_the_servers_machine(client, server, elsewhere):
    scope = {"type": "http", "client": client, "server": server, "headers": []}
    assert is_elsewhere(Request(scope)) is elsewhere
