"""Writes the seeds of every harness into the corpus: `python -m tests.fuzz.seeds`. Reproducers stay as they are."""

from __future__ import annotations

import importlib
from pathlib import Path

from tests.fuzz import HARNESSES

CORPUS = Path(__file__).parent / "corpus"


def write(corpus: Path = CORPUS) -> int:
    """How many seeds were written; those of before go."""
    count = 0
    for name in HARNESSES:
        folder = corpus / name
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob("seed-*"):
            old.unlink()
        for seed, content in importlib.import_module(f"tests.fuzz.{name}").seeds().items():
            (folder / f"seed-{seed}").write_bytes(content)
            count += 1
    return count


if __name__ == "__main__":
    print(f"{write()} seeds written to {CORPUS}")
