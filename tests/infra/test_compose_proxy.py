"""The proxy of the compose file, run for real: it hands on, adds TLS, and keeps what it sees to itself."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

import pytest

from tests import tools
from tests.infra.compose import services
from tests.infra.proxied import FILE, Proxy

HOST = "dossier.example"
LINK = "/s/0123456789abcdef"
BODY = "/api/v1/pickup/0123456789abcdef/aa/bb/body"
# What a gateway says to the client, and what it says to the proxy alone.
TOLD = {
    "Accept-Ranges": "bytes",
    "Cache-Control": "no-store",
    "Content-Range": "bytes 8388610-8388619/16777216",
    "Content-Type": "application/octet-stream",
    "ETag": '"digest"',
}
CARRIED = {
    "Dossier-Carry": "/dossiers/d/e/00001",
    "Dossier-Carry-Host": "objects.example:7070",
    "Dossier-Carry-Range": "bytes=2-11",
    "Dossier-Carry-Credential": "gateway/20261130/us-east-1/s3/aws4_request",
    "Dossier-Carry-Date": "20261130T000000Z",
    "Dossier-Carry-Expires": "15",
    "Dossier-Carry-Signature": "5e",
}
# What a store says beside the bytes.
SAID = {
    "Content-Range": "bytes 2-11/8388608",
    "ETag": '"of the object"',
    "Last-Modified": "Mon, 30 Nov 2026 00:00:00 GMT",
    "Server": "a store",
    "Set-Cookie": "of=the-store",
    "Strict-Transport-Security": "max-age=1",
    "x-amz-request-id": "4711",
    "X-Something-New": "of the store",
}


@pytest.fixture(scope="module", name="caddy")
def _caddy() -> str:
    return tools.caddy()


@dataclass
class Behind:
    """Stands where the gateways do, or the store: remembers what it was sent, and says what it is told to."""

    server: ThreadingHTTPServer
    seen: list[dict[str, str]] = field(default_factory=list)
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    content: bytes = b"ok"


def behind() -> Iterator[Behind]:
    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            one.seen.append(dict(self.headers) | {"path": self.path, "method": self.command})
            self.rfile.read(int(self.headers.get("Content-Length", "0")))
            self.send_response(one.status)
            for name, value in (one.headers | {"Content-Length": str(len(one.content))}).items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(one.content)

        def do_POST(self) -> None:
            self.do_GET()

        def do_HEAD(self) -> None:
            self.do_GET()

        def log_message(self, *_: object) -> None:
            pass

    one = Behind(ThreadingHTTPServer(("127.0.0.1", 0), Answer))
    threading.Thread(target=one.server.serve_forever, daemon=True).start()
    yield one
    one.server.shutdown()
    one.server.server_close()


@pytest.fixture(scope="module", name="gateway")
def _gateway() -> Iterator[Behind]:
    yield from behind()


@pytest.fixture(scope="module", name="store")
def _store() -> Iterator[Behind]:
    yield from behind()


@pytest.fixture
def carrying(gateway: Behind, store: Behind) -> Iterator[None]:
    """The gateway lets the proxy carry a segment, and the store gives it."""
    kept = gateway.status, gateway.headers, gateway.content
    gateway.status, gateway.headers, gateway.content = 206, TOLD | CARRIED, b""
    store.status, store.headers, store.content = 206, SAID, b"ciphertext"
    yield
    gateway.status, gateway.headers, gateway.content = kept


@pytest.fixture(scope="module", name="proxy")
def _proxy(gateway, store, tmp_path_factory) -> Iterator[Proxy]:
    proxy = Proxy(tmp_path_factory.mktemp("proxy"), HOST)
    with proxy.before(gateway.server.server_port, f"http://127.0.0.1:{store.server.server_port}"):
        yield proxy


@pytest.mark.parametrize("tls", ["internal", "it@firm.example"])
def test_the_file_is_one_that_caddy_takes(caddy, tmp_path, tls):
    given = {name: str(value) for name, value in services()["proxy"]["environment"].items()} | {"PROXY_TLS": tls}
    done = subprocess.run(
        [caddy, "validate", "--adapter", "caddyfile", "--config", str(FILE)],
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), **given},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_a_request_is_handed_on_with_its_true_source_and_no_other(proxy, gateway):
    answer, body = proxy.get("/healthz?a=b", **{"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "http"})
    assert (answer.status, body) == (200, b"ok")
    seen = gateway.seen[-1]
    assert seen["path"] == "/healthz?a=b"
    assert seen["Host"] == HOST
    assert seen["X-Forwarded-For"] == "127.0.0.1"
    assert seen["X-Forwarded-Proto"] == "https"


def test_answers_bind_browsers_to_tls_and_name_no_software(proxy):
    answer, _ = proxy.get("/")
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert "Caddy" not in str(answer.headers)


def test_without_tls_a_link_leads_nowhere_and_the_first_page_to_tls(proxy, gateway):
    count = len(gateway.seen)
    answer, _ = proxy.get_plain(LINK)
    assert (answer.status, answer.headers["Location"]) == (404, None)
    answer, _ = proxy.get_plain("/")
    assert (answer.status, answer.headers["Location"]) == (301, f"https://{HOST}/")
    assert len(gateway.seen) == count


def test_a_segment_is_carried_and_the_client_sees_nothing_of_the_store(proxy, gateway, store, carrying):
    asked = {"Authorization": "Dossier-Link hush", "Cookie": "a=b", "Range": "bytes=8388610-", "If-None-Match": '"x"'}
    answer, body = proxy.get(BODY, **asked, **{"X-Amz-Acl": "public-read", "User-Agent": "me"})
    assert (answer.status, body) == (206, b"ciphertext")
    seen = {name: value for name, value in answer.headers.items() if name not in {"Date", "Strict-Transport-Security"}}
    assert {name.lower(): value for name, value in seen.items()} == {
        **{name.lower(): value for name, value in TOLD.items()},
        "content-length": "10",
    }
    assert answer.headers.get_all("Strict-Transport-Security") == ["max-age=31536000"]
    assert gateway.seen[-1]["Authorization"] == "Dossier-Link hush"
    sent = dict(store.seen[-1])
    path, _, query = sent.pop("path").partition("?")
    assert path == "/dossiers/d/e/00001"
    assert dict(parse_qsl(query)) == {
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
        "X-Amz-Credential": "gateway/20261130/us-east-1/s3/aws4_request",
        "X-Amz-Date": "20261130T000000Z",
        "X-Amz-Expires": "15",
        "X-Amz-Signature": "5e",
        "X-Amz-SignedHeaders": "host",
    }
    sent.pop("User-Agent", None)  # Caddy's own
    assert sent == {"method": "GET", "Host": "objects.example:7070", "Range": "bytes=2-11"}


@pytest.mark.parametrize("status", [200, 301, 403, 404, 416, 500, 503])
def test_what_a_store_says_instead_stays_with_the_proxy(proxy, store, carrying, status):
    store.status, store.headers = status, {**SAID, "Location": "http://objects.example/dossiers"}
    store.content = b"<Error><Code>SignatureDoesNotMatch</Code><Bucket>dossiers</Bucket></Error>"
    answer, body = proxy.get(BODY)
    assert (answer.status, body) == (502, b"")
    assert not set(answer.headers) & {"Content-Range", "ETag", "Etag", "Location", "Set-Cookie", "Last-Modified"}
    assert "of the" not in str(answer.headers)


@pytest.mark.parametrize("header", sorted(CARRIED))
def test_what_is_said_to_the_proxy_alone_never_comes_out(proxy, gateway, store, header):
    """Also where it makes no sense, or the client said it first."""
    count = len(store.seen)
    kept, gateway.headers = gateway.headers, {header: "of another store"}
    try:
        answer, _ = proxy.get(BODY, **CARRIED)
    finally:
        gateway.headers = kept
    assert not [name for name in answer.headers if name.lower().startswith("dossier-carry")]
    assert len(store.seen) == count
    assert gateway.seen[-1]["Dossier-Carries"] == "segments"


def test_a_client_cannot_say_in_its_place_what_the_proxy_does(proxy, gateway, store):
    count = len(store.seen)
    answer, body = proxy.get(BODY, **CARRIED, **{"Dossier-Carries": "everything"})
    assert (answer.status, body) == (200, b"ok")
    assert gateway.seen[-1]["Dossier-Carries"] == "segments"
    assert len(store.seen) == count


@pytest.mark.parametrize("method", ["POST", "HEAD"])
def test_only_a_get_reaches_the_store(proxy, gateway, store, carrying, method):
    """A gateway asks for nothing else; if it did, it would still be one."""
    proxy.get(BODY, method=method, **({"Content-Length": "0"} if method == "POST" else {}))
    assert store.seen[-1]["method"] == "GET"


def test_nothing_that_was_carried_is_logged(proxy, store, carrying):
    proxy.get(BODY)
    store.status = 503
    proxy.get(BODY)
    assert "Signature" not in proxy.log
    assert "00001" not in proxy.log
    assert "hush" not in proxy.log


def test_a_gateway_that_is_gone_is_told_without_a_word_of_the_request(proxy, gateway):
    gateway.server.shutdown()
    gateway.server.server_close()
    answer, _ = proxy.get(LINK, Authorization="Dossier-Link hush-hush")
    assert answer.status == 502
    assert "dial" in proxy.log
    assert LINK not in proxy.log
    assert "hush" not in proxy.log
