"""How many deposits and pick-ups a second two gateways do on PostgreSQL and S3; for information."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from functools import partial

from tests.bench.load import hammer
from tests.bench.measuring import timed
from tests.bench.opening import post
from tests.bench.results import Result
from tests.bench.stage import Stage, plaintext, stage
from tests.gateway.house import form
from vault.sdk.device.source_file import SourceFile
from vault.sdk.device.spool import Wanted
from vault.sdk.device.walk import collect
from vault.sdk.documents.deposit import deposit
from vault.sdk.documents.described import Description
from vault.sdk.documents.listing import list_documents
from vault.sdk.documents.sealing import FileKey, measure, open_source, seal_bytes
from vault.sdk.documents.signing import new_intent, sign_document
from vault.sdk.dossiers.open_dossier import OpenDossier
from vault.sdk.shares.links import derive
from vault.sdk.shares.sharing import ShareTerms, share

ROW = 11
CONNECTIONS = 16
SIZE = 100_000
EACH = 100  # pick-ups of a share, as the policy allows


def run(*, quick: bool = False) -> Iterator[Result]:
    """Requests are made beforehand; the gateways answer them over sixteen connections."""
    count = EACH if quick else 1000
    with stage(on_postgres=not quick, words=() if quick else ("--gateways", "2")) as house:
        yield rate("deposits of 100 kB", house, deposits(house, count))
        yield rate("pick-ups", house, pickups(house, count // EACH))


def rate(what: str, house: Stage, requests: list[bytes]) -> Result:
    gateways = house.vault.gateways
    sample = timed(partial(hammer, house.vault.port, requests, CONNECTIONS), gateways)
    name = f"{what}, {len(gateways)} gateways"
    cpu = f"{1000 * sample.cpu / len(requests):.1f} ms of the gateways' and the client's CPU each"
    return Result(ROW, name, len(requests) / sample.wall, "a second", ours=cpu)


def deposits(house: Stage, count: int) -> list[bytes]:
    """Forms with one document each, into one dossier."""
    dossier = house.dossier("rates")
    path = plaintext(house.folder / "one", SIZE)
    content, (_, source) = path.read_bytes(), open_source(path)
    return [_deposit(house, dossier, source, content) for _ in range(count)]


def _deposit(house: Stage, dossier: OpenDossier, source: SourceFile, content: bytes) -> bytes:
    key = FileKey()
    body = seal_bytes(content, key)
    intent = new_intent(dossier, key, len(body), "other")
    signed = sign_document(dossier, intent, key, Wanted("one", "", "bench"), source, measure(content, body))
    parts = [("record", signed.record.to_bytes()), ("head", signed.head), ("metadata", signed.metadata)]
    made = form([*parts, ("body", bytes(body))], boundary=secrets.token_hex(16))
    start = f"POST /api/v1/dossiers/{dossier.id}/documents HTTP/1.1\r\nHost: bench\r\n"
    start += f"Authorization: Dossier-Session {house.signed_in.api.token}\r\n"
    start += f"Content-Type: {made['headers']['Content-Type']}\r\nContent-Length: {len(made['content'])}\r\n\r\n"
    return start.encode() + bytes(made["content"])


def pickups(house: Stage, shares: int) -> list[bytes]:
    """Pick-ups by new names, of several shares in turn."""
    dossier = house.dossier("picked")
    deposit(dossier, collect([str(house.folder / "one")]), Description("bench"))
    requests = []
    for _ in range(shares):
        dossier = house.fresh(dossier)
        link = share(dossier, list_documents(dossier), ShareTerms(max=EACH), base=house.vault.url).link
        assert link.secret is not None
        proof = derive(link.secret).authorization()
        requests += [_pickup(link.share, proof) for _ in range(EACH)]
    secrets.SystemRandom().shuffle(requests)
    return requests


def _pickup(share_id: str, proof: str) -> bytes:
    return b"PUT" + post(f"/api/v1/pickup/{share_id}/{secrets.token_hex(16)}", b"", proof).removeprefix(b"POST")
