"""On real engines: copies of them hold nothing readable, open nothing that was erased, and no process knows too much."""

from __future__ import annotations

import base64
import os
import secrets
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from minio.error import S3Error
from psycopg import sql
from sqlalchemy.engine import make_url

from tests import buckets, engines
from tests.infra.serving import Server, until
from tests.journeys import topology
from tests.journeys.machine import EMAIL, Director
from tests.journeys.test_secrets import CANARY, check_data, check_log, check_processes, main_job, sightings
from tests.journeys.topology import Engines
from tests.tools import missing

pytestmark = pytest.mark.slow
GONE, KEPT = f"Weg {secrets.token_hex(6)}", f"Blijft {secrets.token_hex(6)}"


@dataclass(frozen=True)
class Run:
    """The main job on real engines, and every secret that arose in it."""

    folder: Path
    server: Server
    made: Engines
    found: dict[str, bytes]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    folder = tmp_path_factory.mktemp("engines")
    with topology.outside(folder) as made:
        made.broker.door.listen_in()
        with topology.started(folder, made) as server:
            yield Run(folder, server, made, main_job(folder, server))


def rows_of(url: str) -> Iterator[bytes]:
    """Every row of every table, each value as it lies there."""
    with psycopg.connect(url) as connection:
        names = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1").fetchall()
        for (name,) in names:
            for row in connection.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(name))):
                yield b"\0".join(value if isinstance(value, bytes) else str(value).encode() for value in row)


def dumped(url: str) -> bytes:
    return subprocess.run([tool("pg_dump"), f"--dbname={url}"], capture_output=True, check=True).stdout


def tool(name: str) -> str:
    """Of the newest PostgreSQL here; it comes with the server."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}")) or [Path(shutil.which(name) or "")]
    if found[-1].name != name:
        missing(f"{name} is not here; `apt-get install postgresql`")
    return str(found[-1])


def test_nothing_readable_and_no_secret_is_in_data_log_and_processes(run):
    parts = topology.PARTS["engines"]
    paths = check_data(run.server, run.found)
    assert {path.parts[0] for path in paths} == {"escrow", "keys", "lock", "timetable"}
    check_log(run.server, run.found, parts)
    check_processes(run.server, run.found, parts)


@pytest.mark.parametrize("part", ["records", "keystore"])
def test_nothing_readable_and_no_secret_is_in_a_database(run, part):
    url = getattr(run.made, part)
    rows = list(rows_of(url))
    assert len(rows) > 5
    assert sightings(b"\n".join(rows), run.found) == set()
    assert sightings(dumped(url), run.found) == set()


def versions(bucket: buckets.Bucket) -> Iterator[tuple[str, bytes]]:
    """Every object with every older version of it."""
    client = bucket.client()
    for each in bucket.listing().versions(""):
        with suppress(S3Error):  # a delete marker holds nothing
            answer = client.get_object(bucket.name, each.name, version_id=each.version)
            yield each.name, answer.read()
            answer.close()
            answer.release_conn()


def test_nothing_readable_and_no_secret_is_in_any_version_of_an_object(run):
    contents = list(versions(run.made.bucket))
    assert len(contents) >= 3, "two documents in three segments, and the ledger"
    for name, raw in contents:
        assert sightings(name.encode() + raw, run.found) == set(), name


def test_what_passes_between_us_and_the_broker_says_only_that_it_is_time(run):
    director = Director(run.folder / "director", run.server.url)
    (dossier,) = director.dossier("ls").result["dossiers"]
    heard = bytes(run.made.broker.door.heard)
    assert base64.b64encode(b'[[], {}, {"callbacks": null') in heard or b'[[], {}, {"callbacks": null' in heard
    assert heard.count(b"sweep") > 2
    assert dossier["id"].encode() not in heard
    assert sightings(heard, run.found) == set()


def credentials(run: Run) -> dict[str, str]:
    """The passwords and keys that open the engines, by the variable that gives them."""
    found = {}
    for name, value in run.made.environment.items():
        if name.endswith("_KEY_FILE"):
            found[name] = Path(value).read_text()
        elif name.endswith(("DATABASE_URL", "KEYSTORE_URL")):
            found[name] = str(make_url(value).password)
    return found


def test_no_password_of_an_engine_is_in_a_log_an_argument_or_the_data(run):
    said = run.server.log.read_text()
    children = run.server.children()
    commands = b"".join(Path(f"/proc/{pid}/cmdline").read_bytes() for pid in (run.server.pid, *children.values()))
    files = b"".join(path.read_bytes() for path in run.server.data.rglob("*") if path.is_file())
    for name, secret in credentials(run).items():
        assert secret not in said, name
        assert secret.encode() not in commands, name
        assert secret.encode() not in files, name
    parts = urlsplit(run.made.broker.settings["DOSSIER_BROKER_URL"])
    assert f":{parts.password}@" not in said


def test_a_gateway_is_not_told_what_worker_and_owner_know(run):
    mine = {name for name in run.made.environment if not name.startswith(("DOSSIER_WORKER_", "DOSSIER_OWNER_"))}
    for name in ("gateway1", "gateway2"):
        shown = Path(f"/proc/{run.server.children()[name]}/environ").read_text()
        theirs = {line.partition("=")[0] for line in shown.split("\0") if line.startswith("DOSSIER_")}
        assert theirs >= mine - {"DOSSIER_BROKER_URL", "DOSSIER_BROKER_QUEUE"}
        assert not [each for each in theirs if each.startswith(("DOSSIER_WORKER_", "DOSSIER_OWNER_", "DOSSIER_BROKER"))]


def test_a_gateway_that_dies_leaves_the_other_to_answer(run):
    before = run.server.children()
    os.kill(before["gateway1"], signal.SIGKILL)
    for _ in range(20):
        assert run.server.get("/healthz")[0] == 200
    until(lambda: run.server.children().get("gateway1", before["gateway1"]) != before["gateway1"], what="it comes back")


@pytest.fixture(scope="module")
def restored(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Director, str]]:
    """Records and objects as a backup had them before an erasure; keystore and its generation key of today."""
    director = Director(run.folder / "director", run.server.url)
    for name in (GONE, KEPT):
        director.dossier("open", name, "--purpose", "Loopbaan")
        director.write(f"{name}/verslag.txt", CANARY.encode())
        director.dossier("put", name, f"{name}/verslag.txt")
    link = director.dossier("share", GONE, "--to", "client").result["link"]
    with engines.new_database() as records, buckets.new_bucket(run.made.bucket.server) as bucket:
        subprocess.run([tool("psql"), "--quiet", f"--dbname={records}"], input=owned(run), check=True, stdout=-3)
        copied(run.made.bucket, bucket)
        director.dossier("erase", GONE, "verslag.txt", "--basis", "client", "--wait", "--yes")
        assert run.server.stop() == 0
        check_data(run.server, run.found)
        folder = tmp_path_factory.mktemp("restored")
        shutil.copytree(run.server.data / "keys", folder / "data" / "keys")
        (folder / "data").chmod(0o700)
        environment = {name: value for name, value in run.made.environment.items() if "_WORKER_" not in name}
        environment = {name: value for name, value in environment.items() if "_OWNER_" not in name}
        owner = {name: run.made.environment[f"DOSSIER_OWNER_S3_{name}_KEY_FILE"] for name in ("ACCESS", "SECRET")}
        environment |= {
            "DOSSIER_DATABASE_URL": records,
            "DOSSIER_KEYSTORE_URL": run.made.keystore,
            "DOSSIER_OBJECTS": f"s3:{bucket.name}",
            **{f"DOSSIER_S3_{name}_KEY_FILE": path for name, path in owner.items()},
        }
        with Server(folder / "data", port=run.server.port, log=folder / "log", **environment) as server:
            yield server, director, link


def owned(run: Run) -> bytes:
    command = [tool("pg_dump"), "--no-owner", "--no-privileges", f"--dbname={run.made.records}"]
    return subprocess.run(command, capture_output=True, check=True).stdout


def copied(source: buckets.Bucket, target: buckets.Bucket) -> None:
    client = source.client()
    for each in client.list_objects(source.name, recursive=True):
        answer = client.get_object(source.name, each.object_name)
        client.put_object(target.name, each.object_name, answer, length=each.size)
        answer.close()
        answer.release_conn()


def test_copies_of_records_and_objects_open_nothing_that_was_erased(restored):
    _, director, link = restored
    director.dossier("login", "--email", EMAIL)
    director.dossier("cat", KEPT, "verslag.txt", "--out", "blijft.txt")
    assert (director.folder / "blijft.txt").read_bytes() == CANARY.encode()
    said = director.dossier("cat", GONE, "verslag.txt", "--out", "weg.txt", expect=None)
    assert said.code not in {0, 130}
    assert not (director.folder / "weg.txt").exists()
    said = director.dossier("get", link, "--out", "link", expect=None)
    assert said.code not in {0, 130}
    assert director.files("link") == {}
