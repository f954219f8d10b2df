"""Ciphertext through the gateway against a direct GET from the S3 server; and whole commands against their peers.

`dossier get` and a member's `dossier cat --out` are measured against what others get a file back with, decrypted, from
the same S3 server; then once more behind the proxy of the compose file, which carries the segments, over TLS.
"""

from __future__ import annotations

import http.client
import secrets
import shutil
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.bench.backups import Rclone, Restic
from tests.bench.measuring import Sample, Side, alternate, process, timed
from tests.bench.results import Goal, Result, ratio
from tests.bench.stage import OURS, Stage, plaintext, stage
from vault.sdk.device.walk import collect
from vault.sdk.documents.deposit import deposit
from vault.sdk.documents.described import Description
from vault.sdk.documents.listing import list_documents
from vault.sdk.shares.links import Link, derive
from vault.sdk.shares.sharing import ShareTerms, share

ROW = 3
GOAL = Goal(at_least=0.95)
BUFFER = 1 << 20


def run(*, quick: bool = False) -> Iterator[Result]:
    """One gibibyte."""
    size, rounds = (24 << 20, 1) if quick else (1 << 30, 7)
    with stage() as house:
        assert house.bucket is not None
        file = plaintext(house.folder / "plain", size)
        document, link = shared(house, file)
        house.bucket.put("bare", file)
        direct = partial(stream, house, house.bucket.client.presigned_get_object(house.bucket.name, "bare"), {}, size)
        for name, path, headers in (
            ("member", f"/documents/{document}/body", member(house)),
            ("link", *picked_up(house, link, document)),
        ):
            through = partial(stream, house, f"{house.vault.url}/api/v1{path}", headers, size)
            said = f"download {size >> 20} MiB through the gateway ({name}) against a direct GET"
            yield ratio(ROW, said, alternate(through, direct, rounds), GOAL, size=size / 1e6)
        commands = (("dossier get", partial(got, house, link)), ("dossier cat --out", partial(read, house, document)))
        yield from against_peers(house, file, commands, "", 1 if quick else 4)
    with stage(proxied=True) as house:
        file = plaintext(house.folder / "plain", size)
        document, link = shared(house, file)
        commands = (("dossier get", partial(got, house, link)), ("dossier cat --out", partial(read, house, document)))
        yield from against_peers(house, file, commands, " behind the proxy, over TLS", 1 if quick else 4)


def against_peers(
    house: Stage, file: Path, commands: Sequence[tuple[str, Side]], where: str, rounds: int
) -> Iterator[Result]:
    """Whole commands against `rclone` and `restic`; the first, where there is a bare copy, against a bare get as well."""
    size, out = file.stat().st_size, house.folder / "out"

    def named(command: str, peer: str) -> str:
        return f"`{command}` of {size >> 20} MiB{where} against {peer}"

    if not where:
        compared = alternate(commands[0][1], partial(bare, house), rounds)
        yield ratio(ROW, named(commands[0][0], "a bare `minio` get into a file"), compared, None, size=size / 1e6)
    for peer, kind in (("`rclone copy` from a crypt remote", Rclone), ("`restic restore`", Restic)):
        try:
            tool = kind.on(house)
            tool.keep(file)
        except pytest.skip.Exception as skipped:
            yield Result(ROW, named(commands[0][0], peer), skipped=str(skipped))
            continue
        for command, side in commands:
            compared = alternate(side, partial(into, out, partial(tool.get, file, out)), rounds)
            yield ratio(ROW, named(command, peer), compared, Goal(at_least=1), size=size / 1e6)
        tool.remove()


def shared(house: Stage, *files: object) -> tuple[str, Link]:
    """Deposit files and share them; the id of the first, and the link."""
    dossier = house.dossier("download")
    deposit(dossier, collect([str(file) for file in files]), Description("bench"))
    dossier = house.fresh(dossier)
    listed = list_documents(dossier)
    made = share(dossier, listed, ShareTerms(max=100), base=house.url)
    house.kept = dossier.id
    return listed[0].id, made.link


def member(house: Stage) -> dict[str, str]:
    """The header of the director's session."""
    return {"Authorization": f"Dossier-Session {house.signed_in.api.token}"}


def picked_up(house: Stage, link: Link, document: str) -> tuple[str, dict[str, str]]:
    """Begin a pick-up; the path of a body and the headers."""
    assert link.secret is not None
    headers = {"Authorization": derive(link.secret).authorization()}
    place = f"/pickup/{link.share}/{secrets.token_hex(16)}"
    house.signed_in.api.signed_in(None).put(place, headers=headers)
    return f"{place}/{document}/body", headers


def stream(house: Stage, url: str, headers: dict[str, str], least: int) -> Sample:
    """One GET, thrown away as it comes."""
    return timed(partial(receive, url, headers, least), house.servers)


def receive(url: str, headers: dict[str, str], least: int) -> None:
    """Raises RuntimeError for another answer than 200, or a shorter one."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=120, blocksize=BUFFER)
    connection.request("GET", f"{parts.path}?{parts.query}".rstrip("?"), headers=headers)
    answer = connection.getresponse()
    buffer, received = memoryview(bytearray(BUFFER)), 0
    while count := answer.readinto(buffer):
        received += count
    connection.close()
    if answer.status != 200 or received < least:
        raise RuntimeError(f"{answer.status} and {received} of {least} bytes from {parts.path}")


def got(house: Stage, link: Link) -> Sample:
    """The whole command, as somebody without an account."""
    out = house.folder / "out"
    command = [*OURS, "get", link.to_string(), "--out", str(out)]
    return into(out, partial(process, command, house.servers, DOSSIER_HOME=str(out), **house.entrance))


def read(house: Stage, document: str) -> Sample:
    """The whole command, as a member."""
    out = house.folder / "out"
    command = [*OURS, "cat", house.kept, document, "--out", str(out / "file")]
    return into(out, partial(process, command, house.servers, **house.environment))


def into(out: Path, run: Side) -> Sample:
    """A run into an empty folder, which is removed."""
    out.mkdir()
    try:
        return run()
    finally:
        shutil.rmtree(out)


def bare(house: Stage) -> Sample:
    """The same bytes into a file."""
    assert house.bucket is not None
    out = house.folder / "bare"
    command = [sys.executable, "-m", "tests.bench.bare", "get", "bare", str(out)]
    sample = process(command, house.servers, **house.bucket.environment)
    out.unlink()
    return sample
