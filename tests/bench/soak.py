"""Fifty honest users, and one hostile source that does everything in turn: what she costs them.

Periods with and without her alternate in one run, so that both see the same machine. Her process is nicer than the
gateway's: on a machine of her own it would take none of its time. What an honest user waits is by her own clock, her
device's work within it.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.bench.honest import LIST, PICK_UP, PUT, SIGN_IN, Act, Colleague, Users, colleagues
from tests.bench.hostile import ACTS
from tests.bench.measuring import cpu_of
from tests.bench.results import Goal, Result
from tests.bench.stage import Stage, stage
from tests.infra.serving import ROOT

ROW = 15
USERS, THINK, MINUTES = 50, 10.0, 10.0
SETTLE = 1.0  # after the change of a period, what she left behind still counts, and nobody's time
ERRORS, SLOWER, GROWTH = Goal(at_most=0), Goal(at_most=2), Goal(at_most=64)


@dataclass
class Period:
    """A stretch of the run; `act` is what the hostile source did, or nothing."""

    act: str
    start: float
    end: float = 0.0
    turns: int = 0
    memory: float = 0.0
    cpu: float = 0.0


@dataclass
class Run:
    """What was seen."""

    periods: list[Period] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)
    memory: list[tuple[float, float]] = field(default_factory=list)
    load: list[float] = field(default_factory=list)

    def waits(self, kind: str, *, hostile: bool, act: str = "") -> list[float]:
        """How long users waited for that in periods of that kind."""
        spans = [p for p in self.periods if bool(p.act) is hostile and act in ("", p.act)]
        within = [a for a in self.acts if any(p.start + SETTLE <= a.at < p.end for p in spans)]
        return [one.seconds for one in within if one.kind == kind and not one.error]


def run(*, quick: bool = False, minutes: float | None = None) -> Iterator[Result]:
    """On embedded engines, then with PostgreSQL where there is one."""
    long = minutes or (0.8 if quick else MINUTES)
    for name, on_postgres in (("SQLite", False), ("PostgreSQL", True)):
        try:
            with stage(on_s3=False, on_postgres=on_postgres) as house:
                yield from soaked(house, name, 6 if quick else USERS, THINK / (5 if quick else 1), long * 60)
        except pytest.skip.Exception as skipped:
            yield Result(ROW, f"soak ({name})", skipped=str(skipped))


def soaked(house: Stage, name: str, count: int, think: float, seconds: float) -> Iterator[Result]:
    """Everything of `ACTS` once, each after a period of the same length without."""
    them = colleagues(house.signed_in, house.vault.environment, house.folder / "users", count + 1)
    for one in them:
        one.prepare()
    *honest, hostile = them
    done, each = Run(), seconds / (2 * len(ACTS))
    with watched(house, done), Users(honest, think) as users:
        for act in ACTS:
            done.periods += [_quiet(house, each), _hostile(house, [act], each, hostile, [one.email for one in honest])]
        done.acts = users.acts
    yield from said(name, count, done)


def _quiet(house: Stage, seconds: float) -> Period:
    return _period(house, "", lambda: time.sleep(seconds) or 0)


def _hostile(house: Stage, acts: Collection[str], seconds: float, who: Colleague, emails: list[str]) -> Period:
    known = {"token": who.signed_in.api.token, "dossier": who.dossier, "emails": emails}

    def attack() -> int:
        done = subprocess.run(
            [sys.executable, "-m", "tests.bench.hostile", str(house.vault.port), str(seconds), *acts],
            input=json.dumps(known),
            capture_output=True,
            text=True,
            cwd=ROOT,
            preexec_fn=lambda: os.nice(10) and None,
            check=True,
        )
        return int(done.stdout)

    return _period(house, " ".join(acts), attack)


def _period(house: Stage, act: str, work: Callable[[], int]) -> Period:
    gateways = house.vault.gateways
    period, cpu = Period(act, time.monotonic()), cpu_of(gateways)
    period.turns = work()
    period.end, period.cpu = time.monotonic(), cpu_of(gateways) - cpu
    period.memory = sum(map(pss_mib, gateways))
    load = os.getloadavg()[0]
    print(
        f"  {act or '-':17} {period.turns:6} turns, gateway {period.cpu:5.1f} s, {period.memory:5.0f} MiB, load {load:.1f}",
        file=sys.stderr,
        flush=True,
    )
    return period


@contextmanager
def watched(house: Stage, done: Run) -> Iterator[None]:
    """Look at the gateways' memory and the machine's load once a second."""
    over = threading.Event()

    def look() -> None:
        while not over.wait(1):
            done.memory.append((time.monotonic(), sum(map(pss_mib, house.vault.gateways))))
            done.load.append(os.getloadavg()[0])

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def pss_mib(pid: int) -> float:
    """The memory that a process has, each page that it shares by its part."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    return 0.0


def said(name: str, count: int, done: Run) -> Iterator[Result]:
    """The figures."""
    failures = [act for act in done.acts if act.error]
    kinds = Counter(f"{act.kind}: {act.error}" for act in failures)
    what = f"soak ({name}), {count} users"
    load = f"load {min(done.load):.1f} – {max(done.load):.1f}"  # noqa: RUF001 - a range
    yield Result(
        ROW, f"{what}: errors in {len(done.acts)} acts", len(failures), "", ERRORS, ours=load, details={"errors": kinds}
    )
    for kind in (SIGN_IN, LIST, PUT, PICK_UP):
        with_, without = (done.waits(kind, hostile=hostile) for hostile in (True, False))
        if len(with_) < 2 or len(without) < 2:
            yield Result(ROW, f"{what}: p95 of a {kind}", skipped="too short to tell")
            continue
        ours, peer = p95(with_), p95(without)
        each = {act: round(p95(done.waits(kind, hostile=True, act=act)), 3) for act in ACTS}
        goal = None if kind == PUT else SLOWER
        yield Result(
            ROW,
            f"{what}: p95 of a {kind} with the hostile source",
            ours / peer,
            goal=goal,
            ours=f"{ours * 1000:.0f} ms",
            peer=f"{peer * 1000:.0f} ms",
            details={"p95 by act": each, "counted": [len(with_), len(without)]},
        )
    quiet = [period.memory for period in done.periods if not period.act]
    first, middle, last = quiet[0], quiet[len(quiet) // 2], quiet[-1]
    most = max(mib for _, mib in done.memory)
    yield Result(
        ROW,
        f"{what}: growth of the gateway from the first to the last quiet period",
        last - first,
        "MiB",
        GROWTH,
        ours=f"{first:.0f}, {middle:.0f}, {last:.0f} MiB",
        peer=f"most {most:.0f} MiB",
    )


def p95(waits: list[float]) -> float:
    """The wait that one in twenty is longer than; 0 of none."""
    if len(waits) < 2:
        return max(waits, default=0.0)
    return statistics.quantiles(waits, n=20, method="inclusive")[-1]
