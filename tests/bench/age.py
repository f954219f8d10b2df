"""A gigabyte through `dossier age`, stock `age` and `cp`: whole processes, in turn, in one run.

Run by `python -m tests.bench.age [FOLDER] [ROUNDS]`. Prints medians, ratios against both, and peak memory.
"""

from __future__ import annotations

import os
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from vault.age import HybridIdentity

_PROJECT = Path(__file__).resolve().parents[2]
_SIZE = 1 << 30
_MIB = 1 << 20


class Run(NamedTuple):
    """One process, from its start to its end."""

    wall: float
    cpu: float
    peak_mib: float


def stock_age() -> str | None:
    """Return stock `age`, wherever the tests find it too."""
    beside = _PROJECT / ".tools/bin/age"
    return os.environ.get("DOSSIER_TEST_AGE") or shutil.which("age") or (str(beside) if beside.exists() else None)


def measure(command: list[str]) -> Run:
    """Run a command and return what it took, by the system's own account."""
    start = time.perf_counter()
    child = os.posix_spawnp(command[0], command, os.environ)
    _, status, usage = os.wait4(child, 0)
    wall = time.perf_counter() - start
    if status:
        raise SystemExit(f"failed: {' '.join(command)}")
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def prepare(ours: list[str]) -> None:
    """Make the plaintext, a hybrid key and the encrypted file in the current folder."""
    with Path("plain").open("wb") as plain:
        plain.writelines(os.urandom(_MIB) for _ in range(_SIZE // _MIB))
    Path("key").write_text(HybridIdentity.generate().to_string())
    measure([*ours, "-e", "-i", "key", "-o", "plain.age", "plain"])


def main(folder: str | None, rounds: int) -> None:
    """Print one row for each command, then the ratios of the medians."""
    ours = [sys.executable, "-m", "vault.cli.age"]
    encrypt, decrypt = ["-e", "-i", "key", "-o", "out", "plain"], ["-d", "-i", "key", "-o", "out", "plain.age"]
    commands = {"ours -e": [*ours, *encrypt], "ours -d": [*ours, *decrypt], "cp": ["cp", "plain", "out"]}
    stock = stock_age()
    if stock:
        commands |= {"age -e": [stock, *encrypt], "age -d": [stock, *decrypt]}
    runs: dict[str, list[Run]] = {name: [] for name in commands}
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        os.chdir(scratch)
        prepare(ours)
        for _ in range(rounds + 1):
            for name, command in commands.items():
                Path("out").unlink(missing_ok=True)
                runs[name].append(measure(command))
        os.chdir("/")
    walls = {}
    for name, counted in ((name, timed[1:]) for name, timed in runs.items()):
        walls[name] = statistics.median(run.wall for run in counted)
        fastest, cpu = min(run.wall for run in counted), statistics.median(run.cpu for run in counted)
        peak = max(run.peak_mib for run in counted)
        print(f"{name:8} median {walls[name]:.2f} s, fastest {fastest:.2f} s, cpu {cpu:.2f} s, peak {peak:.0f} MiB")
    for way in ("-e", "-d"):
        against_cp = walls[f"ours {way}"] / walls["cp"]
        against_age = f"{walls[f'age {way}'] / walls[f'ours {way}']:.2f} times as fast as age, " if stock else ""
        print(f"1 GiB {way}: {against_age}{against_cp:.2f} times the time of cp")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else None, int(sys.argv[2]) if len(sys.argv) > 2 else 7)
