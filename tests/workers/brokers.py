"""The queues of a vault, with their possible faults: stopped for a while, purged, flooded, too late."""

from __future__ import annotations

import secrets
import socket
import subprocess
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import redis
from kombu.connection import Connection

from tests import engines, tools
from tests.infra.serving import free_port, until
from vault.settings import Settings
from workers.app import make_app

PASSWORD = secrets.token_hex(16)


class Broker(ABC):
    """A fresh queue; `settings` are a server's settings for it."""

    settings: dict[str, str]

    def app(self, data: Path):
        """The Celery application of a server's process."""
        return make_app(Settings.from_environment({"DOSSIER_DATA": str(data), **self.settings}))

    def tick(self, data: Path, *, times: int = 1, expires: float | None = None) -> None:
        """Send a tick, like beat."""
        app = self.app(data)
        with app.connection_for_write() as connection:
            for _ in range(times):
                app.send_task("sweep", connection=connection, expires=expires)

    @abstractmethod
    def purge(self, data: Path) -> None:
        """Lose every message."""

    @abstractmethod
    def stop(self) -> None:
        """Stop the broker: connections are refused."""

    @abstractmethod
    def start(self) -> None:
        """Start the broker again."""


class Embedded(Broker):
    def __init__(self) -> None:
        self.settings = {}

    def purge(self, data: Path) -> None:
        for message in (data / "broker" / "messages").iterdir():
            message.unlink(missing_ok=True)

    def stop(self) -> None:
        pytest.fail("nobody can stop a folder")

    start = stop


class Outside(Broker):
    def connection(self, data: Path) -> Connection:
        return self.app(data).connection_for_write()

    def purge(self, data: Path) -> None:
        with self.connection(data) as connection:
            connection.default_channel.queue_purge(self.settings["DOSSIER_BROKER_QUEUE"])

    @abstractmethod
    def waiting(self, data: Path) -> int:
        """How many messages are queued."""


class RabbitMQ(Outside):
    """The tests' server, through a port that can be closed."""

    def __init__(self, door: Door, queue: str) -> None:
        parts = urlsplit(engines.amqp())
        url = f"amqp://{parts.username}:{parts.password}@127.0.0.1:{door.port}{parts.path}"
        self.settings = {"DOSSIER_BROKER_URL": url, "DOSSIER_BROKER_QUEUE": queue}
        self.door = door

    def waiting(self, data: Path) -> int:
        with self.connection(data) as connection:
            channel = connection.default_channel
            return channel.queue_declare(self.settings["DOSSIER_BROKER_QUEUE"], passive=True).message_count

    def stop(self) -> None:
        self.door.shut()

    def start(self) -> None:
        self.door.open()


class Redis(Outside):
    """A server of its own, with a password; what it held is lost when it stops."""

    def __init__(self, folder: Path, queue: str) -> None:
        self._folder, self._port = folder, free_port()
        self.settings = {
            "DOSSIER_BROKER_URL": f"redis://:{PASSWORD}@127.0.0.1:{self._port}/0",
            "DOSSIER_BROKER_QUEUE": queue,
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = ["redis-server", "--bind", "127.0.0.1", "--port", str(self._port), "--dir", str(self._folder)]
        command += ["--save", "", "--appendonly", "no", "--requirepass", PASSWORD]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        until(self._answers, what="Redis answers")

    def _answers(self) -> bool:
        with self.client() as client, suppress(redis.RedisError):
            return bool(client.ping())
        return False

    def waiting(self, data: Path) -> int:
        name = self.settings["DOSSIER_BROKER_QUEUE"]
        with self.client() as client:
            return client.llen(f"{name}:{name}")

    def client(self) -> redis.Redis:
        return redis.Redis(port=self._port, password=PASSWORD)

    def stop(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None


class Door:
    """A port forwarding to another one; closing it cuts its connections and refuses new ones."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self.port = free_port()
        self._listener: socket.socket | None = None
        self._within: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._listens = False
        self.heard = bytearray()

    def listen_in(self) -> None:
        """Record all bytes from now on, in both directions."""
        self._listens = True

    def open(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._admit, args=(self._listener,), daemon=True).start()

    def shut(self) -> None:
        if self._listener:
            with suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self._listener = None
        with self._lock:
            within, self._within = self._within, set()
        for each in within:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def _admit(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                caller, _ = listener.accept()
                try:
                    server = socket.create_connection(self._target)
                except OSError:
                    caller.close()
                    continue
                with self._lock:
                    self._within |= {caller, server}
                for pair in ((caller, server), (server, caller)):
                    threading.Thread(target=self._pass_on, args=pair, daemon=True).start()

    def _pass_on(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while content := source.recv(65_536):
                if self._listens:
                    self.heard += content
                sink.sendall(content)
        with suppress(OSError):
            sink.shutdown(socket.SHUT_RDWR)
        with self._lock:
            self._within.discard(source)
        source.close()


@contextmanager
def broker_of_kind(kind: str, folder: Path) -> Iterator[Broker]:
    """One of `embedded`, `rabbitmq`, `redis`, with a random queue name, deleted afterwards."""
    queue = f"test-{secrets.token_hex(8)}"
    match kind:
        case "embedded":
            yield Embedded()
        case "rabbitmq":
            with rabbitmq(folder, queue) as broker:
                yield broker
        case _:
            tools.redis_server()
            broker = Redis(folder, queue)
            broker.start()
            try:
                yield broker
            finally:
                broker.stop()


@contextmanager
def rabbitmq(folder: Path, queue: str) -> Iterator[RabbitMQ]:
    """Its queue and exchange are deleted afterwards."""
    parts = urlsplit(engines.amqp())
    assert parts.hostname
    door = Door(parts.hostname, parts.port or 5672)
    door.open()
    broker = RabbitMQ(door, queue)
    try:
        yield broker
    finally:
        door.shut()
        door.open()
        with broker.connection(folder) as connection:
            connection.default_channel.queue_delete(queue)
            connection.default_channel.exchange_delete(queue)
        door.shut()
