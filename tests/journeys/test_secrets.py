"""After a whole run nothing readable and no secret is in the server's data, logs, arguments or environment."""

from __future__ import annotations

import base64
import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.infra.serving import Server
from tests.journeys import topology
from tests.journeys.machine import Director, Machine
from tests.journeys.topology import Topology
from tests.tools import missing
from vault.records.encoding import from_base64url
from vault.sdk.device.home import Home
from vault.sdk.documents.listing import identity_of, list_documents, unlock
from vault.sdk.dossiers.finding import find
from vault.sdk.people.session import SignedIn
from vault.sdk.people.session_file import load_session
from vault.sdk.shares.links import derive, parse_link, stretch

pytestmark = pytest.mark.slow
CANARY = f"Kanarie-{secrets.token_hex(12)}"
NAME = f"Cliënt {secrets.token_hex(12)}"
PURPOSE = f"Doel {secrets.token_hex(12)}"
FILE = f"vertrouwelijk-{secrets.token_hex(12)}.txt"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Topology, dict[str, bytes]]]:
    """The main job on a server of its own, and every secret that arose in it; `test_engines` has the other topology."""
    folder = tmp_path_factory.mktemp("secrets")
    with topology.serving("embedded", folder) as running:
        yield running, main_job(folder, running.server)


def main_job(folder: Path, server: Server) -> dict[str, bytes]:
    token = (server.data / "setup-token").read_bytes().strip()
    director = Director(folder / "director", server.url)
    director.set_up(server)
    director.write(f"in/{FILE}", CANARY.encode() * 100)
    director.write(f"in/large-{FILE}", CANARY.encode() + os.urandom(9_000_000))
    director.dossier("open", NAME, "--purpose", PURPOSE)
    director.dossier("put", NAME, "in")
    made = director.dossier("share", NAME, "--to", "client", "--passphrase").result
    client = Machine(folder / "client", server.url)
    client.write("words", made["passphrase"].encode())
    client.dossier("get", made["link"], "--out", "out", "--passphrase-file", "words")
    director.dossier("cat", NAME, FILE, "--out", "back.txt")
    director.dossier("open", "Weg", "--purpose", PURPOSE)
    director.dossier("put", "Weg", f"in/{FILE}")
    director.dossier("erase", "Weg", "--basis", "client", "--wait", "--yes")
    return secrets_of(director, made, token)


def secrets_of(director: Director, made: dict, token: bytes) -> dict[str, bytes]:
    link = parse_link(made["link"])
    assert link.secret is not None
    phrase_key = stretch(made["passphrase"].encode(), link.share)
    proofs = derive(link.secret, phrase_key)
    found = {
        "canary": CANARY.encode(),
        "dossier's name": NAME.encode(),
        "purpose": PURPOSE.encode(),
        "file's name": FILE.encode(),
        "link secret": bytes(link.secret),
        "passphrase": made["passphrase"].encode(),
        "passphrase key": bytes(phrase_key),
        "possess": bytes(proofs.possess),
        "open": bytes(proofs.open),
        "cover": bytes(proofs.cover),
        "capsule": bytes(proofs.capsule),
        "sign": bytes(proofs.sign),
        "password": director.password.encode(),
        "second factor": base64.b32decode(director.totp_file.read_text().strip().replace(" ", "").upper()),
        "set-up token": token,
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in director.environment.items():
            if name.startswith("DOSSIER_"):
                patch.setenv(name, value)
        patch.delenv("XDG_RUNTIME_DIR", raising=False)
        home = Home.from_environment()
        stored = load_session(home)
        signed_in = SignedIn.load(home)
        dossier = find(signed_in, NAME)
        listed = list_documents(dossier)
        assert len(listed) == 2
        found |= {f"file key {one.metadata.name}": bytes(unlock(one, identity_of(dossier))) for one in listed}
    keyring = stored.keyring
    return found | {
        "dossier identity": bytes(dossier.identity),
        "text key": bytes(dossier.text_key),
        "session": stored.token.encode(),
        "session, raw": from_base64url(stored.token),
        "signing key": bytes(keyring.signing),
        "member identity": bytes(keyring.identity),
        "wrap key": bytes(keyring.wrap),
    }


def forms(secret: bytes) -> Iterator[bytes]:
    """How it might be written; base64 at each of its three alignments, without what depends on the neighbours."""
    yield secret
    yield secret.hex().encode()
    yield secret.hex().upper().encode()
    yield base64.b32encode(secret).rstrip(b"=")
    yield base64.b32encode(secret).rstrip(b"=").lower()
    for shift in range(3):
        text = base64.b64encode(bytes(shift) + secret)
        start, spare = (0, 2, 3)[shift], (len(secret) + shift) % 3
        inner = text[start + (shift > 0) : len(text) - (4 if spare else 0)]
        yield inner
        yield inner.replace(b"+", b"-").replace(b"/", b"_")


def sightings(haystack: bytes, found: dict[str, bytes]) -> set[str]:
    return {name for name, secret in found.items() if any(form in haystack for form in forms(secret))}


def test_the_search_finds_what_is_there():
    needle = secrets.token_bytes(32)
    texts = [needle, needle.hex().encode(), base64.b32encode(needle), base64.b64encode(needle)]
    texts += [base64.urlsafe_b64encode(b"x" * shift + needle + b"tail") for shift in range(3)]
    assert all(sightings(b"<<" + text + b">>", {"needle": needle}) for text in texts)
    assert not sightings(secrets.token_bytes(100_000), {"needle": needle})


def everything(folder: Path) -> dict[Path, bytes]:
    """Every file below; a tick's message may come and go while we look."""
    contents = {}
    for path in folder.rglob("*"):
        with contextlib.suppress(FileNotFoundError):
            if path.is_file():
                contents[path] = path.read_bytes()
    return contents


def check_data(server: Server, found: dict[str, bytes]) -> set[Path]:
    """Nothing of it is in a file of the server; the files' paths."""
    contents = everything(server.data)
    seen = {str(path.relative_to(server.data)): sightings(raw, found) for path, raw in contents.items()}
    assert {path: names for path, names in seen.items() if names} == {}
    assert all(CANARY not in str(path) and FILE not in str(path) for path in contents)
    return {path.relative_to(server.data) for path in contents}


def check_log(server: Server, found: dict[str, bytes], parts: set[str]) -> None:
    """Nothing of it is in the log, in which all parts speak (beat has nothing to say)."""
    said = server.log.read_bytes()
    assert b'"logger":"gateway"' in said
    assert all(f'"part":"{part}"'.encode() in said for part in parts - {"beat"})
    assert sightings(said, found) == set()


def check_processes(server: Server, found: dict[str, bytes], parts: set[str]) -> None:
    """Nothing of it is in what the machine shows of the processes."""
    children = server.children()
    assert set(children) == parts
    for name, pid in {"supervisor": server.pid, **children}.items():
        for place in ("cmdline", "environ"):
            assert sightings(Path(f"/proc/{pid}/{place}").read_bytes(), found) == set(), name


def test_nothing_readable_and_no_secret_is_in_the_data(run):
    running, found = run
    paths = check_data(running.server, found)
    assert {path.name for path in paths} >= {"records.db", "keystore.db"}
    assert any(path.parts[0] == "objects" and path.name.isdecimal() for path in paths)


def test_nothing_readable_and_no_secret_is_in_the_log(run):
    running, found = run
    check_log(running.server, found, topology.PARTS["embedded"])


def test_no_secret_is_in_what_the_machine_shows_of_the_processes(run):
    running, found = run
    check_processes(running.server, found, topology.PARTS["embedded"])


def seeds_of(server: Server) -> dict[str, bytes]:
    """The keys and secrets of the installation, by the names of their files."""
    paths = (server.data / "keys").glob("installation-*")
    return {path.name: path.read_bytes() for path in paths if path.name != "installation-public"}


def test_the_installations_keys_are_in_their_files_and_nowhere_else(run):
    running, _ = run
    seeds = seeds_of(running.server)
    assert len(seeds) == 5
    for path, raw in everything(running.server.data).items():
        assert sightings(raw, seeds) == seeds.keys() & {path.name}, path
    check_log(running.server, seeds, topology.PARTS["embedded"])
    check_processes(running.server, seeds, topology.PARTS["embedded"])


def memory_of(pid: int) -> Iterator[bytes]:
    """What a process may write to in its memory, region by region."""
    try:
        with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
            for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
                place, rights, *_ = line.split()
                start, end = (int(number, 16) for number in place.split("-"))
                if rights.startswith("rw"):
                    with contextlib.suppress(OSError):
                        memory.seek(start)
                        yield memory.read(end - start)
    except PermissionError:
        missing("a process may not read another one's memory here: sysctl kernel.yama.ptrace_scope=0")


@pytest.mark.parametrize(
    ("part", "own"),
    [("gateway", {"attest", "lookup", "parameters"}), ("worker", {"ledger", "checkpoint"})],
)
def test_a_process_holds_the_keys_of_its_role_and_no_other(run, part, own):
    """Neither in its memory nor among its open files; the search finds those that are there."""
    running, _ = run
    pid = running.server.children()[part]
    seeds = {name.removeprefix("installation-"): seed for name, seed in seeds_of(running.server).items()}
    held = {name for region in memory_of(pid) for name, seed in seeds.items() if seed in region}
    assert held == own
    handles = [path.resolve() for path in Path(f"/proc/{pid}/fd").iterdir()]
    assert not [path for path in handles if "installation" in path.name]


def test_what_the_server_answered_with_is_gone_from_its_data_after_it_stopped(run):
    running, found = run
    assert running.server.stop() == 0
    for path, raw in everything(running.server.data).items():
        assert sightings(raw, found) == set(), path
