"""Two hundred files of a megabyte: deposited, shared, picked up; against raw puts and gets of the same files."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from tests.bench.bare import PARALLEL
from tests.bench.measuring import Sample, alternate, process, timed
from tests.bench.results import Goal, Result, ratio
from tests.bench.stage import OURS, Stage, plaintext, stage
from vault.sdk.documents.listing import list_documents
from vault.sdk.shares.sharing import Made, ShareTerms, share

ROW = 7
SIZE = 1_000_000


def run(*, quick: bool = False) -> Iterator[Result]:
    """Whole commands on our side; on the other, three threads of `minio` that know each name."""
    count, rounds = (3, 1) if quick else (200, 3)
    with stage() as house:
        folder = house.folder / "files"
        folder.mkdir()
        paths = [plaintext(folder / f"{number:03}.pdf", SIZE) for number in range(count)]
        put = alternate(partial(deposited, house, folder), partial(raw_puts, house, paths), rounds, warm_up=not quick)
        goal = Goal(at_least=0.22)  # twice what it was on 2026-11-23
        yield ratio(ROW, f"deposit {count} files of 1 MB against raw puts", put, goal, size=count, unit="files")
        made, took = shared(house, folder, 1 if quick else 5)
        yield Result(ROW, f"share {count} documents", took, "s", Goal(at_most=2))
        raw_puts(house, paths, keep=True)
        got = alternate(partial(picked_up, house, made), partial(raw_gets, house, paths), rounds, warm_up=not quick)
        yield ratio(ROW, f"pick up {count} files of 1 MB against raw gets", got, None, size=count, unit="files")


def deposited(house: Stage, folder: Path) -> Sample:
    dossier = house.dossier("files")
    return process([*OURS, "put", dossier.id, str(folder)], house.servers, **house.environment)


def shared(house: Stage, folder: Path, rounds: int) -> tuple[Made, float]:
    """The last share, and the median of the seconds that sharing took."""
    dossier = house.dossier("share")
    process([*OURS, "put", dossier.id, str(folder)], **house.environment)
    made: list[Made] = []

    def once() -> None:
        fresh = house.fresh(dossier)
        made.append(share(fresh, list_documents(fresh), ShareTerms(max=50), base=house.vault.url))

    walls = sorted(timed(once).wall for _ in range(rounds))
    return made[-1], walls[len(walls) // 2]


def picked_up(house: Stage, made: Made) -> Sample:
    out = house.folder / "out"
    try:
        link = made.link.to_string()
        return process([*OURS, "get", link, "--out", str(out)], house.servers, DOSSIER_HOME=str(out))
    finally:
        shutil.rmtree(out)


def raw_puts(house: Stage, paths: list[Path], *, keep: bool = False) -> Sample:
    chosen = house.bucket
    assert chosen is not None

    def all_of_them() -> None:
        with ThreadPoolExecutor(PARALLEL) as pool:
            list(pool.map(lambda path: chosen.put(f"bare/{path.name}", path), paths))

    sample = timed(all_of_them, house.servers)
    if not keep:
        chosen.remove("bare/")
    return sample


def raw_gets(house: Stage, paths: list[Path]) -> Sample:
    chosen = house.bucket
    assert chosen is not None
    out = house.folder / "raw"
    out.mkdir()

    def get(path: Path) -> None:
        answer = chosen.client.get_object(chosen.name, f"bare/{path.name}")
        (out / path.name).write_bytes(answer.read())
        answer.release_conn()

    def all_of_them() -> None:
        with ThreadPoolExecutor(PARALLEL) as pool:
            list(pool.map(get, paths))

    sample = timed(all_of_them, house.servers)
    shutil.rmtree(out)
    return sample
