"""Encrypting and uploading a file: `dossier put` against a bare `minio` put of the plaintext, whole processes both."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from tests.bench.measuring import Sample, alternate, process
from tests.bench.results import Goal, Result, ratio
from tests.bench.stage import OURS, Stage, plaintext, stage

ROW = 2


def run(*, quick: bool = False) -> Iterator[Result]:
    """One gibibyte, from a file on this machine to the S3 server."""
    size, rounds = (24 << 20, 1) if quick else (1 << 30, 5)
    with stage() as house:
        file = plaintext(house.folder / "plain", size)
        compared = alternate(partial(ours, house, file), partial(peer, house, file), rounds)
    name = f"encrypt and upload {size >> 20} MiB (`dossier put`) against a bare `minio` put"
    yield ratio(ROW, name, compared, Goal(at_least=0.97), size=size / 1e6)


def ours(house: Stage, file: Path) -> Sample:
    """Into a new dossier each time: a file that is there already would not be sent."""
    assert house.bucket is not None
    dossier = house.dossier("upload")
    sample = process([*OURS, "--json", "put", dossier.id, str(file)], house.servers, **house.environment)
    house.bucket.remove(f"{dossier.id}/")
    return sample


def peer(house: Stage, file: Path) -> Sample:
    """The same file as one object, in parts."""
    chosen = house.bucket
    assert chosen is not None
    command = [sys.executable, "-m", "tests.bench.bare", "put", str(file), "bare"]
    sample = process(command, house.servers, **chosen.environment)
    chosen.remove("bare")
    return sample
