"""Writes the seeds of every harness into the corpus: `python -m tests.fuzz.seeds`. Reproducers stay as they are.

A harness whose form of input changed has its old seeds removed by hand first.
"""

from __future__ import annotations

import importlib
from pathlib import Path

from tests.fuzz import HARNESSES

CORPUS = Path(__file__).parent / "corpus"


def write(corpus: Path = CORPUS) -> int:
    """How many seeds there are; one that stands is kept (some hold fresh keys), one that no harness makes any more goes."""
    count = 0
    for name in HARNESSES:
        folder = corpus / name
        folder.mkdir(parents=True, exist_ok=True)
        made = {
            f"seed-{seed}": content for seed, content in importlib.import_module(f"tests.fuzz.{name}").seeds().items()
        }
        for old in folder.glob("seed-*"):
            if old.name not in made:
                old.unlink()
        for seed, content in made.items():
            if not (folder / seed).exists():
                (folder / seed).write_bytes(content)
        count += len(made)
    return count


if __name__ == "__main__":
    print(f"{write()} seeds in {CORPUS}")
