"""Encrypting and uploading a file: `dossier put` against a bare `minio` put of the plaintext, and against two backup tools.

Whole processes all.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.bench.backups import Rclone, Restic
from tests.bench.measuring import Sample, Side, alternate, process
from tests.bench.results import Goal, Result, ratio
from tests.bench.stage import OURS, Stage, plaintext, stage

ROW = 2


def run(*, quick: bool = False) -> Iterator[Result]:
    """One gibibyte, from a file on this machine to the S3 server."""
    size, rounds = (24 << 20, 1) if quick else (1 << 30, 5)
    with stage() as house:
        file = plaintext(house.folder / "plain", size)
        put, name = partial(ours, house, file), f"encrypt and upload {size >> 20} MiB (`dossier put`)"
        bare = alternate(put, partial(peer, house, file), rounds)
        yield ratio(ROW, f"{name} against a bare `minio` put", bare, Goal(at_least=0.8), size=size / 1e6)
        for what, kind in (("`rclone copy` to a crypt remote", Rclone), ("`restic backup`", Restic)):
            yield beside(f"{name} against {what}", put, kind, house, file, 1 if quick else 3)


def beside(name: str, put: Side, kind: type[Rclone | Restic], house: Stage, file: Path, rounds: int) -> Result:
    """Against another tool; where it is missing, how to get it."""
    try:
        tool = kind.on(house)
    except pytest.skip.Exception as skipped:
        return Result(ROW, name, skipped=str(skipped))
    compared = alternate(put, partial(tool.put, file), rounds)
    return ratio(ROW, name, compared, Goal(at_least=1), size=file.stat().st_size / 1e6)


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
