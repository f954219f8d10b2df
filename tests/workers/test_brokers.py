"""On every queue: work is done although ticks are lost, doubled or late, and although the broker or a worker dies."""

from __future__ import annotations

import base64
import dataclasses
import json
import os
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from infra.supervisor.parts import beat_command, worker_command
from tests import tools
from tests.actors import TOKEN, Practice
from tests.flows.erasures.test_erasing import ask
from tests.infra.serving import ROOT, START_WITHIN, Server, free_port, until
from tests.installation import built
from tests.workers.brokers import PASSWORD, Broker, Outside, Redis, broker_of_kind, rabbitmq
from vault.adapters.sql.migrate import migrate_database, migrate_keystore
from vault.domain.erasures import ErasureState
from vault.errors import ConfigurationError, UnavailableError
from vault.flows.erasures import requesting
from vault.secret import SecretText
from vault.settings import Settings
from vault.wiring import keystore, records
from workers import outside_broker
from workers.embedded_broker import MOST

pytestmark = pytest.mark.slow
NOTHING = b'[[], {}, {"callbacks": null, "errbacks": null, "chain": null, "chord": null}]'
AWAY = float(os.environ.get("DOSSIER_TEST_BROKER_AWAY", "3"))  # seconds; a minute takes a minute


class House:
    """A server on a queue, and a practice whose people work on the same data."""

    def __init__(self, broker: Broker, server: Server, practice: Practice) -> None:
        self.broker, self.server, self.practice = broker, server, practice

    def swept_after(self, moment: datetime) -> bool:
        with self.practice.ports.store.reading() as rows:
            return rows.heartbeats().get("sweep", moment) > moment

    def sweeps(self, within: float = START_WITHIN) -> None:
        """From now on, by itself."""
        moment = datetime.now(UTC)
        until(lambda: self.swept_after(moment), within=within, what="a sweep")

    def erase(self) -> Callable[[], bool]:
        """Ask for the erasure of a new dossier; whether it is done."""
        dossier = self.practice.open_dossier()
        self.practice.deposit(dossier)
        asked = ask(self.practice, dossier, now=datetime.now(UTC))
        assert isinstance(asked, requesting.Requested), asked

        def done() -> bool:
            found = requesting.one(self.practice.ports, self.practice.director.caller, asked.erasure.id)
            return found.state is ErasureState.CERTIFIED

        return done

    def kill(self, name: str) -> None:
        os.kill(self.server.children()[name], signal.SIGKILL)

    def certificates(self) -> int:
        return self.server.said().count('"event":"erased"')


@pytest.fixture(scope="module", params=["embedded", "rabbitmq", "redis"])
def house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp(request.param)
    (folder / "data").mkdir(mode=0o700)
    with broker_of_kind(request.param, folder) as broker:
        practice = settled(folder / "data")
        with Server(folder / "data", log=folder / "log", **broker.settings) as server:
            yield House(broker, server, practice)
            assert server.stop() == 0
        assert PASSWORD not in server.said()


def settled(data: Path) -> Practice:
    settings = Settings.from_environment({"DOSSIER_DATA": str(data)})
    for engine, migrate in ((records(settings), migrate_database), (keystore(settings), migrate_keystore)):
        migrate(engine)
        engine.dispose()
    ports = dataclasses.replace(built(settings), setup_token=lambda: TOKEN, spend_setup_token=lambda: None)
    return Practice(ports, datetime.now(UTC)).set_up()


def test_the_worker_sweeps(house):
    house.sweeps()
    until(house.erase(), what="what is asked for is erased")


def test_lost_ticks_are_made_good_by_the_next(house):
    done = house.erase()
    house.broker.purge(house.server.data)
    until(done, what="it is erased")


def test_a_tick_that_comes_twenty_times_does_its_work_once(house):
    done, before = house.erase(), house.certificates()
    house.broker.tick(house.server.data, times=20)
    until(done, what="it is erased")
    house.sweeps()
    assert house.certificates() == before + 1


def test_ticks_that_come_too_late_harm_nothing(house):
    house.broker.tick(house.server.data, times=5, expires=-3600)
    done = house.erase()
    until(done, what="it is erased")


def test_killed_in_the_middle_worker_and_beat_go_on_where_they_were(house):
    done = house.erase()
    house.broker.tick(house.server.data)
    house.kill("worker")
    house.kill("beat")
    until(done, what="it is erased")
    house.sweeps()


def test_a_broker_that_was_away_finds_everything_going_on(house):
    if not isinstance(house.broker, Outside):
        return  # a folder does not go away
    house.broker.stop()
    done = house.erase()
    moment = datetime.now(UTC)
    until(lambda: datetime.now(UTC) - moment > timedelta(seconds=AWAY), within=AWAY + 5)
    assert house.server.get("/healthz")[0] == 200
    assert set(house.server.children()) == {"gateway", "worker", "beat"}
    house.broker.start()
    until(done, within=AWAY + 40, what="it is erased")
    house.sweeps()


def test_the_log_says_nothing_secret_and_nothing_that_was_not_foreseen(house):
    lines = [line for line in house.server.said().splitlines() if '"level":"error"' in line or "Traceback" in line]
    assert PASSWORD not in house.server.said()
    expected = ("celery.worker.consumer", "celery.worker.loops", "celery.beat", '"event":"child ended"')
    assert [line for line in lines if not any(part in line for part in expected)] == []


def test_outside_there_is_no_queue_in_the_data(house):
    there = (house.server.data / "broker").exists()
    assert there is not isinstance(house.broker, Outside)
    if isinstance(house.broker, Outside):
        timetable = house.server.data / "timetable"
        until(lambda: list(timetable.iterdir()), what="beat has written its timetable")


@pytest.mark.parametrize("kind", ["rabbitmq", "redis"])
def test_ticks_do_not_pile_up_while_nobody_reads_them(kind, tmp_path):
    with broker_of_kind(kind, tmp_path) as broker:
        assert isinstance(broker, Outside)
        outside_broker.reach(SecretText(broker.settings["DOSSIER_BROKER_URL"]), broker.settings["DOSSIER_BROKER_QUEUE"])
        broker.tick(tmp_path, times=MOST + 50)
        until(lambda: broker.waiting(tmp_path) == MOST, what="the queue is full")
        if isinstance(broker, Redis):
            with broker.client() as client:
                (name,) = [key for key in client.scan_iter() if client.type(key) == b"list"]
                assert name.decode() == "{0}:{0}".format(broker.settings["DOSSIER_BROKER_QUEUE"])
                assert 0 < client.ttl(name) <= 3600
                bodies = {base64.b64decode(json.loads(item)["body"]) for item in client.lrange(name, 0, -1)}
                assert bodies == {NOTHING}, "a message says only that it is time"
                assert all(
                    key.startswith(broker.settings["DOSSIER_BROKER_QUEUE"].encode()) for key in client.scan_iter()
                )


def test_a_queue_of_another_make_is_told(tmp_path):
    with rabbitmq(tmp_path, f"test-{os.getpid()}-other") as broker:
        name = broker.settings["DOSSIER_BROKER_QUEUE"]
        with broker.connection(tmp_path) as connection:
            connection.default_channel.queue_declare(name, durable=False, auto_delete=False)
        with pytest.raises(ConfigurationError, match="another make") as refused:
            outside_broker.reach(SecretText(broker.settings["DOSSIER_BROKER_URL"]), name)
        assert "DOSSIER_BROKER_QUEUE" in refused.value.advice


@pytest.mark.parametrize("kind", ["rabbitmq", "redis"])
def test_a_broker_that_refuses_us_is_told_without_the_password(kind, tmp_path):
    with broker_of_kind(kind, tmp_path) as broker:
        url, wrong = broker.settings["DOSSIER_BROKER_URL"], "hush-hush-hush"
        user = "nobody" if kind == "rabbitmq" else ""
        refused = SecretText(f"{url.partition('://')[0]}://{user}:{wrong}@{url.rpartition('@')[2]}")
        with pytest.raises(ConfigurationError, match="refuses") as told:
            outside_broker.reach(refused, "dossier")
        assert wrong not in str(told.value) + told.value.advice
        word = "AuthenticationError" if kind == "redis" else "AccessRefused"
        for command in (worker_command(), beat_command()):
            assert wrong not in said_until(word, command, tmp_path, DOSSIER_BROKER_URL=refused)


def said_until(word: str, command: list[str], folder: Path, **settings: str) -> str:
    """What a process that is started by itself writes until it has said that word."""
    (folder / "timetable").mkdir(exist_ok=True)
    log = folder / f"log-{len(list(folder.iterdir()))}"
    environment = {**os.environ, "DOSSIER_DATA": str(folder), **settings}
    with log.open("wb") as file, subprocess.Popen(command, cwd=ROOT, env=environment, stdout=file, stderr=file) as one:
        try:
            until(lambda: word in log.read_text(), what=word)
        finally:
            one.kill()
    return log.read_text()


def test_nobody_there_is_told():
    with pytest.raises(UnavailableError, match=r"amqp://127\.0\.0\.1"):
        outside_broker.reach(SecretText(f"amqp://u:hush@127.0.0.1:{free_port()}//"), "dossier")
    with pytest.raises(UnavailableError, match=r"redis://127\.0\.0\.1"):
        outside_broker.reach(SecretText(f"redis://:hush@127.0.0.1:{free_port()}/0"), "dossier")


@pytest.mark.parametrize("scheme", ["amqps", "rediss"])
def test_a_broker_over_tls_must_prove_who_it_is(scheme):
    options = outside_broker.options(SecretText(f"{scheme}://u:p@h"), "dossier")
    assert set(options["broker_use_ssl"].values()) >= {outside_broker.ssl.CERT_REQUIRED}


def test_over_tls_a_broker_is_believed_only_with_a_certificate_of_a_known_authority(tmp_path, monkeypatch):
    program = tools.redis_server()
    port, certificate = free_port(), self_signed(tmp_path)
    command = [program, "--bind", "127.0.0.1", "--port", "0", "--tls-port", str(port), "--save", ""]
    command += ["--tls-cert-file", str(certificate), "--tls-key-file", str(certificate), "--tls-auth-clients", "no"]
    command += ["--tls-ca-cert-file", str(certificate), "--requirepass", PASSWORD, "--dir", str(tmp_path)]
    url = SecretText(f"rediss://:{PASSWORD}@127.0.0.1:{port}/0")
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
        try:
            until(lambda: accepts(port), what="Redis listens")
            with pytest.raises(ConfigurationError, match="does not trust") as refused:
                outside_broker.reach(url, "dossier")
            assert "SSL_CERT_FILE" in refused.value.advice
            monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
            outside_broker.reach(url, "dossier")
        finally:
            server.kill()


def accepts(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
        return True
    return False


def self_signed(folder: Path) -> Path:
    """A certificate for 127.0.0.1 with its key, in one file."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path = folder / "certificate.pem"
    path.write_bytes(secret + made.public_bytes(Encoding.PEM))
    return path
