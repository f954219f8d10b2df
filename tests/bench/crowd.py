"""Fifty uploads and two hundred downloads of 100 MiB, all begun at the same moment: no error, and flat gateways."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from tests.bench.download import member, picked_up, receive, shared
from tests.bench.measuring import watching
from tests.bench.results import Goal, Result
from tests.bench.stage import Stage, at_once, plaintext, stage
from vault.sdk.device.progress import UNWATCHED
from vault.sdk.device.spool import Spool, Wanted
from vault.sdk.documents import in_parts
from vault.sdk.documents.sealing import open_source

ROW = 9


def run(*, quick: bool = False) -> Iterator[Result]:
    """Every upload is a document of its own; downloads are thrown away as they come."""
    size, ups, downs = (9 << 20, 2, 4) if quick else (100 << 20, 50, 200)
    with stage(on_postgres=True, words=("--gateways", "2")) as house:
        document, link = shared(house, plaintext(house.folder / "down", size))
        path, proofs = picked_up(house, link, document)
        as_member = partial(receive, f"{house.vault.url}/api/v1/documents/{document}/body", member(house), size)
        as_receiver = partial(receive, f"{house.vault.url}/api/v1{path}", proofs, size)
        as_member()
        uploading = sends(house, plaintext(house.folder / "up", size), ups)
        with watching(house.vault.gateways) as watch:
            start = time.perf_counter()
            failures = at_once([*uploading, *[as_member, as_receiver] * (downs // 2)])
            wall = time.perf_counter() - start
    what = f"{ups} uploads and {downs} downloads of {size >> 20} MiB at once"
    moved = (ups + downs) * size / wall / 1e6
    kinds = sorted({f"{type(error).__name__}: {error} {getattr(error, 'advice', '')}"[:300] for error in failures})
    yield Result(ROW, f"{what}: errors", len(failures), "", Goal(at_most=0), details={"errors": kinds})
    yield Result(ROW, f"{what}: growth of the gateway that grew most, of two", watch.growth, "MiB", Goal(at_most=64))
    yield Result(ROW, f"{what}: bytes moved", moved, "MB/s", details={"seconds": round(wall, 1)})


def sends(house: Stage, file: Path, count: int) -> list[Callable[[], None]]:
    """That many uploads of one file, each encrypted under a key of its own."""
    dossier, signed_in = house.dossier("crowd"), house.signed_in
    spool = Spool(signed_in.home, signed_in.keyring.spool_key)

    def send(number: int) -> None:
        fd, source = open_source(file)
        try:
            wanted = Wanted(f"{number}.bin", "", "bench")
            in_parts.begin(dossier, spool, source, wanted, "other").send(fd, file, UNWATCHED)
        finally:
            os.close(fd)

    return [partial(send, number) for number in range(count)]
