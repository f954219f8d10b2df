"""A gigabyte through `dossier age`, stock `age` and `cp`: whole processes, in turn."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from tests.bench.measuring import Sample, alternate, process
from tests.bench.results import Goal, Result, ratio
from tests.bench.stage import plaintext, scratch
from tests.infra.serving import ROOT
from vault.age import HybridIdentity

ROW = 1
OURS = [sys.executable, "-P", "-m", "vault.cli.age"]


def run(*, quick: bool = False) -> Iterator[Result]:
    """Encrypting and decrypting, against `age` (goal: faster) and against `cp` (the floor, for information)."""
    size, rounds = (2 << 20, 1) if quick else (1 << 30, 5)
    stock = stock_age()
    with scratch() as folder:
        plain, key = plaintext(folder / "plain", size), folder / "key"
        key.write_text(HybridIdentity.generate().to_string())
        sealed, out = folder / "plain.age", folder / "out"
        process([*OURS, "-e", "-i", str(key), "-o", str(sealed), str(plain)])
        for verb, words, source in (("encrypt", "-e", plain), ("decrypt", "-d", sealed)):
            command = [words, "-i", str(key), "-o", str(out), str(source)]
            ours, name = partial(onto, out, [*OURS, *command]), f"{verb} {size >> 20} MiB against"
            copied = partial(onto, out, ["cp", str(plain), str(out)])
            if stock:
                compared = alternate(ours, partial(onto, out, [stock, *command]), rounds)
                yield ratio(ROW, f"{name} `age`", compared, Goal(at_least=1), size=size / 1e6)
            else:
                yield Result(ROW, f"{name} `age`", goal=Goal(at_least=1), skipped="no `age` here: see .ci/run")
            yield ratio(ROW, f"{name} `cp`", alternate(ours, copied, rounds), None, size=size / 1e6)


def onto(out: Path, command: list[str]) -> Sample:
    """Each makes its file anew."""
    out.unlink(missing_ok=True)
    return process(command)


def stock_age() -> str | None:
    """Stock `age`, wherever the tests find it too."""
    beside = ROOT / ".tools/bin/age"
    return os.environ.get("DOSSIER_TEST_AGE") or shutil.which("age") or (str(beside) if beside.exists() else None)
