"""A file of 2 GiB: how large the client's process becomes, and by how much the gateway's grows."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator

from tests.bench.download import shared
from tests.bench.measuring import Watch, process, watching
from tests.bench.results import Goal, Result
from tests.bench.stage import OURS, plaintext, stage
from vault.sdk.documents.listing import list_documents
from vault.sdk.shares.sharing import ShareTerms, share

ROW = 8
CLIENT, GATEWAY = Goal(at_most=128), Goal(at_most=64)


def run(*, quick: bool = False) -> Iterator[Result]:
    """`dossier put` and `dossier get`, after a small document of each has warmed the gateway."""
    size = 24 << 20 if quick else 2 << 30
    with stage() as house:
        shared(house, plaintext(house.folder / "small", 1000))
        gateways = house.vault.gateways
        file = plaintext(house.folder / "plain", size)
        dossier = house.dossier("memory")
        with watching(gateways) as watch:
            put = process([*OURS, "put", dossier.id, str(file)], **house.environment)
        yield from _said("put", size, put.peak_mib, watch)
        dossier, out = house.fresh(dossier), house.folder / "out"
        made = share(dossier, list_documents(dossier), ShareTerms(), base=house.vault.url)
        with watching(gateways) as watch:
            got = process([*OURS, "get", made.link.to_string(), "--out", str(out)], DOSSIER_HOME=str(out))
        yield from _said("get", size, got.peak_mib, watch)
        with file.open("rb") as one, (out / file.name).open("rb") as other:
            if hashlib.file_digest(one, "sha256").digest() != hashlib.file_digest(other, "sha256").digest():
                raise RuntimeError("what came back is not what was deposited")
        shutil.rmtree(out)


def _said(verb: str, size: int, peak: float, watch: Watch) -> Iterator[Result]:
    what = f"{size >> 20} MiB by `dossier {verb}`"
    yield Result(ROW, f"{what}: the client's peak", peak, "MiB", CLIENT)
    yield Result(ROW, f"{what}: the gateway's growth", watch.growth, "MiB", GATEWAY)
