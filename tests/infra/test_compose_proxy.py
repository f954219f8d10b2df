"""The proxy of the compose file, run for real: it hands on, adds TLS, and keeps what it sees to itself."""

from __future__ import annotations

import http.client
import os
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests import tools
from tests.infra.compose import ROOT, services
from tests.infra.serving import free_port, until

FILE = ROOT / "infra" / "proxy" / "Caddyfile"
HOST = "dossier.example"
LINK = "/s/0123456789abcdef"


@pytest.fixture(scope="module", name="caddy")
def _caddy() -> str:
    return tools.caddy()


@dataclass
class Gateway:
    """Stands where the gateways do, and remembers the headers it was sent."""

    server: ThreadingHTTPServer
    seen: list[dict[str, str]] = field(default_factory=list)


@pytest.fixture(scope="module", name="gateway")
def _gateway() -> Iterator[Gateway]:
    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            gateway.seen.append(dict(self.headers) | {"path": self.path})
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *_: object) -> None:
            pass

    gateway = Gateway(ThreadingHTTPServer(("127.0.0.1", 0), Answer))
    threading.Thread(target=gateway.server.serve_forever, daemon=True).start()
    yield gateway
    gateway.server.shutdown()
    gateway.server.server_close()


@dataclass
class Proxy:
    folder: Path
    plain: int
    secured: int

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text()

    def get(self, path: str, **headers: str) -> tuple[http.client.HTTPResponse, bytes]:
        """Over TLS, its certificate verified against the proxy's own authority."""
        root = self.folder / "caddy" / "pki" / "authorities" / "local" / "root.crt"
        context = ssl.create_default_context(cafile=str(root))
        connection = http.client.HTTPSConnection("127.0.0.1", self.secured, context=context, timeout=30)
        bare = socket.create_connection(("127.0.0.1", self.secured), timeout=30)
        connection.sock = context.wrap_socket(bare, server_hostname=HOST)
        return _asked(connection, path, headers)

    def get_plain(self, path: str) -> tuple[http.client.HTTPResponse, bytes]:
        return _asked(http.client.HTTPConnection("127.0.0.1", self.plain, timeout=30), path, {})

    def answers(self) -> bool:
        try:
            return self.get("/")[0].status == 200
        except OSError:
            return False


def _asked(connection, path: str, headers: dict[str, str]) -> tuple[http.client.HTTPResponse, bytes]:
    try:
        connection.request("GET", path, headers={"Host": HOST, **headers})
        answer = connection.getresponse()
        return answer, answer.read()
    finally:
        connection.close()


@pytest.fixture(scope="module", name="proxy")
def _proxy(caddy, gateway, tmp_path_factory) -> Iterator[Proxy]:
    proxy = Proxy(tmp_path_factory.mktemp("proxy"), free_port(), free_port())
    environment = {
        **os.environ,
        "HOME": str(proxy.folder),
        "XDG_DATA_HOME": str(proxy.folder),
        "XDG_CONFIG_HOME": str(proxy.folder),
        "PROXY_HOST": HOST,
        "PROXY_TLS": "internal",
        "PROXY_UPSTREAM": "localhost",
        "PROXY_UPSTREAM_PORT": str(gateway.server.server_port),
        "PROXY_HTTP_PORT": str(proxy.plain),
        "PROXY_HTTPS_PORT": str(proxy.secured),
    }
    with (proxy.folder / "log").open("wb") as log:
        command = [caddy, "run", "--adapter", "caddyfile", "--config", str(FILE)]
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        until(proxy.answers, 60.0, "the proxy answers")
        yield proxy
    finally:
        process.terminate()
        process.wait(60)


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


def test_a_gateway_that_is_gone_is_told_without_a_word_of_the_request(proxy, gateway):
    gateway.server.shutdown()
    gateway.server.server_close()
    answer, _ = proxy.get(LINK, Authorization="Dossier-Link hush-hush")
    assert answer.status == 502
    assert "dial" in proxy.log
    assert LINK not in proxy.log
    assert "hush" not in proxy.log
