"""Times two sides in turn: wall time, CPU of all processes, and a process's peak memory."""

from __future__ import annotations

import os
import re
import statistics
import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")
MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Sample:
    """One run of one side: seconds by the clock, CPU seconds of all processes involved, the client's peak in MiB."""

    wall: float
    cpu: float = 0.0
    peak_mib: float = 0.0


Side = Callable[[], Sample]


@dataclass(frozen=True, slots=True)
class Compared:
    """Our side and its peer, round by round; each round ran both, one right after the other."""

    ours: tuple[Sample, ...]
    peer: tuple[Sample, ...]

    @property
    def speeds(self) -> list[float]:
        """Our speed relative to the peer's, by round."""
        return [peer.wall / ours.wall for ours, peer in zip(self.ours, self.peer, strict=True)]

    @property
    def speed(self) -> float:
        """The median of the rounds."""
        return statistics.median(self.speeds)

    @property
    def cpu(self) -> float | None:
        """Our CPU seconds for one of the peer's; None if not counted."""
        if not all(sample.cpu for sample in (*self.ours, *self.peer)):
            return None
        return statistics.median(one.cpu / other.cpu for one, other in zip(self.ours, self.peer, strict=True))


def alternate(ours: Side, peer: Side, rounds: int, *, warm_up: bool = True) -> Compared:
    """Run both sides `rounds` times, each side beginning in turn, after one uncounted round."""
    sides = (ours, peer)
    if warm_up:
        for side in sides:
            side()
    taken: tuple[list[Sample], list[Sample]] = ([], [])
    for number in range(rounds):
        order = (0, 1) if number % 2 == 0 else (1, 0)
        for which in order:
            taken[which].append(sides[which]())
    return Compared(tuple(taken[0]), tuple(taken[1]))


def median_wall(samples: Sequence[Sample]) -> float:
    """Seconds."""
    return statistics.median(sample.wall for sample in samples)


def timed(work: Callable[[], object], pids: Collection[int] = ()) -> Sample:
    """The time of `work` in this process, and the CPU time of the other processes meanwhile."""
    before, own = cpu_of(pids), time.process_time()
    start = time.perf_counter()
    work()
    wall = time.perf_counter() - start
    return Sample(wall, time.process_time() - own + cpu_of(pids) - before)


def process(command: Sequence[str], pids: Collection[int] = (), **environment: str) -> Sample:
    """Run a command silently and measure it by the kernel's accounting; raises RuntimeError when it fails.

    As installed programs do, it may write its bytecode: else half of a start would be compiling.
    """
    before = cpu_of(pids)
    ours = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    nowhere = (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)
    start = time.perf_counter()
    child = os.posix_spawnp(command[0], list(command), {**ours, **environment}, file_actions=[nowhere])
    with _peak_of(child) as peak:
        _, status, usage = os.wait4(child, 0)
    wall = time.perf_counter() - start
    if status:
        raise RuntimeError(f"{os.waitstatus_to_exitcode(status)} from {' '.join(command)}")
    cpu = usage.ru_utime + usage.ru_stime + cpu_of(pids) - before
    return Sample(wall, cpu, peak[0])


@contextmanager
def _peak_of(child: int) -> Iterator[list[float]]:
    """A process's peak in MiB, sampled fifty times a second: `ru_maxrss` would include its parent before the exec."""
    peak, over = [0.0], threading.Event()

    def look() -> None:
        while not over.wait(0.02):
            try:
                status = Path(f"/proc/{child}/status").read_text()
            except OSError:
                return
            peak[0] = max([peak[0], *(int(kib) / 1024 for kib in re.findall(r"VmHWM:\s+(\d+) kB", status))])

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield peak
    finally:
        over.set()
        thread.join()


def cpu_of(pids: Collection[int]) -> float:
    """The user and system CPU seconds of living processes."""
    spent = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        spent += int(fields[11]) + int(fields[12])
    return spent / TICKS


def resident_mib(pid: int) -> float:
    """How much memory a process has now."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE / MIB


class Watch:
    """The peak memory of processes while open, sampled fifty times a second."""

    def __init__(self, pids: Collection[int]) -> None:
        self.before = {pid: resident_mib(pid) for pid in pids}
        self.most = dict(self.before)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    @property
    def growth(self) -> float:
        """The largest growth of a process, in MiB."""
        return max(self.most[pid] - before for pid, before in self.before.items())

    def _look(self) -> None:
        while not self._over.wait(0.02):
            for pid in self.most:
                self.most[pid] = max(self.most[pid], resident_mib(pid))

    def close(self) -> None:
        """Look no more."""
        self._over.set()
        self._thread.join()

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()


@contextmanager
def watching(pids: Collection[int]) -> Iterator[Watch]:
    """Watch processes grow."""
    watch = Watch(pids)
    watch.start()
    try:
        yield watch
    finally:
        watch.close()


def listener_on(port: int) -> int | None:
    """The process that listens on a loopback port; None if unknown."""
    inodes = set()
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if fields[3] == "0A" and int(fields[1].rpartition(":")[2], 16) == port:
            inodes.add(f"socket:[{fields[9]}]")
    for folder in Path("/proc").glob("[0-9]*/fd"):
        try:
            if any(str(handle.readlink()) in inodes for handle in folder.iterdir()):
                return int(folder.parent.name)
        except OSError:
            continue
    return None
