"""The proxy of the compose file as a process, before gateways and a store of a test."""

from __future__ import annotations

import http.client
import os
import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests import tools
from tests.infra.compose import ROOT
from tests.infra.serving import free_port, until

FILE = ROOT / "infra" / "proxy" / "Caddyfile"
Answer = tuple[http.client.HTTPResponse, bytes]


@dataclass
class Proxy:
    """It listens on the loopback, with a certificate of its own authority for `host`."""

    folder: Path
    host: str = "localhost"
    plain: int = field(default_factory=free_port)
    secured: int = field(default_factory=free_port)
    process: int = 0

    @property
    def url(self) -> str:
        return f"https://{self.host}:{self.secured}"

    @property
    def authority(self) -> Path:
        return self.folder / "caddy" / "pki" / "authorities" / "local" / "root.crt"

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text()

    def get(self, path: str, *, method: str = "GET", **headers: str) -> Answer:
        """Over TLS, its certificate verified against the proxy's own authority."""
        context = ssl.create_default_context(cafile=str(self.authority))
        connection = http.client.HTTPSConnection("127.0.0.1", self.secured, context=context, timeout=30)
        bare = socket.create_connection(("127.0.0.1", self.secured), timeout=30)
        connection.sock = context.wrap_socket(bare, server_hostname=self.host)
        return self._asked(connection, path, headers, method)

    def get_plain(self, path: str) -> Answer:
        return self._asked(http.client.HTTPConnection("127.0.0.1", self.plain, timeout=30), path, {}, "GET")

    def answers(self) -> bool:
        try:
            return self.get("/")[0].status == 200
        except OSError:
            return False

    def _asked(self, connection: http.client.HTTPConnection, path: str, headers: dict[str, str], method: str) -> Answer:
        try:
            connection.request(method, path, headers={"Host": self.host, **headers})
            answer = connection.getresponse()
            return answer, answer.read()
        finally:
            connection.close()

    @contextmanager
    def before(self, gateway: int, store: str) -> Iterator[None]:
        """Run it before the gateway on this port and the store at this address. Skips without Caddy."""
        self.folder.mkdir(exist_ok=True)
        environment = {
            **os.environ,
            "HOME": str(self.folder),
            "XDG_DATA_HOME": str(self.folder),
            "XDG_CONFIG_HOME": str(self.folder),
            "PROXY_HOST": self.host,
            "PROXY_TLS": "internal",
            "PROXY_UPSTREAM": "localhost",
            "PROXY_UPSTREAM_PORT": str(gateway),
            "PROXY_OBJECTS": store,
            "PROXY_HTTP_PORT": str(self.plain),
            "PROXY_HTTPS_PORT": str(self.secured),
        }
        command = [tools.caddy(), "run", "--adapter", "caddyfile", "--config", str(FILE)]
        with (self.folder / "log").open("wb") as log:
            process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            self.process = process.pid
            until(self.answers, 60.0, "the proxy answers")
            yield
        finally:
            process.terminate()
            process.wait(60)
