"""Ciphertext through the gateway against a direct GET from the S3 server, by the same plain client; and `dossier get`."""

from __future__ import annotations

import http.client
import secrets
import shutil
import sys
from collections.abc import Iterator
from functools import partial
from urllib.parse import urlsplit

from tests.bench.measuring import Sample, alternate, process, timed
from tests.bench.results import Goal, Result, ratio
from tests.bench.stage import OURS, Stage, plaintext, stage
from vault.sdk.device.walk import collect
from vault.sdk.documents.deposit import Description, deposit
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
        file.unlink()
        whole = alternate(partial(got, house, link), partial(bare, house), max(1, rounds // 2))
        said = f"`dossier get` of {size >> 20} MiB, verified, decrypted, saved, against a bare `minio` get into a file"
        yield ratio(ROW, said, whole, None, size=size / 1e6)


def shared(house: Stage, *files: object) -> tuple[str, Link]:
    """Deposit files and share them; the id of the first, and the link."""
    dossier = house.dossier("download")
    deposit(dossier, collect([str(file) for file in files]), Description("bench"))
    dossier = house.fresh(dossier)
    listed = list_documents(dossier)
    made = share(dossier, listed, ShareTerms(max=100), base=house.vault.url)
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
    try:
        return process([*OURS, "get", link.to_string(), "--out", str(out)], house.servers, DOSSIER_HOME=str(out))
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
