"""`make bench`: every row of the table in `docs/PERFORMANCE.md`, or those that are named.

    python -m tests.bench [ROW…] [--quick] [--minutes N] [--json FILE] [--markdown [PAGE]]

A row is measured against a peer or a floor in the same run; nothing here is an assertion. The engines are those of
`tests/engines.py`; what is not there is skipped and says how to get it.
"""

from __future__ import annotations

import argparse
import importlib
import sys
import time
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bench.machine import describe
from tests.bench.results import Result, markdown, put_between_marks, table
from tests.infra.serving import ROOT

# In the order of the table.
ROWS = (
    "age",
    "upload",
    "download",
    "forms",
    "opening",
    "removal",
    "erasure",
    "files",
    "memory",
    "crowd",
    "growth",
    "rates",
    "lists",
    "keys",
    "browser",
    "soak",
)
KEPT = ROOT / "tests" / "bench" / "results" / "latest.jsonl"
PAGE = ROOT / "docs" / "PERFORMANCE.md"


def main(words: list[str]) -> int:
    """Run, print, keep; 1 when a row broke, 0 also when a goal was not met."""
    asked = _parser().parse_args(words)
    machine, results, broken = describe(), [], 0
    print("\n".join(machine), flush=True)
    asked.json.parent.mkdir(parents=True, exist_ok=True)
    with asked.json.open("w", encoding="utf-8") as kept:
        for name in [row for row in ROWS if not asked.rows or row in asked.rows]:
            start = time.monotonic()
            for result in _rows(name, quick=asked.quick, minutes=asked.minutes):
                results.append(result)
                broken += result.skipped.startswith("broke")
                kept.write(result.to_json() + "\n")
                kept.flush()
            print(f"{name}: {time.monotonic() - start:.0f} s", file=sys.stderr, flush=True)
    print(table(results))
    if asked.markdown is not None:
        put_between_marks(asked.markdown, markdown(machine, results))
    return min(broken, 1)


def _rows(name: str, *, quick: bool, minutes: float | None) -> Iterator[Result]:
    """A module's results. One that breaks does not stop the others."""
    module = importlib.import_module(f"tests.bench.{name}")
    long = {"minutes": minutes} if name == "soak" and minutes else {}
    try:
        yield from module.run(quick=quick, **long)
    except pytest.skip.Exception as skipped:
        yield Result(module.ROW, name, skipped=str(skipped))
    except Exception as error:  # noqa: BLE001 - the table says that it broke
        traceback.print_exc()
        yield Result(module.ROW, name, skipped=f"broke: {type(error).__name__}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="tests.bench", description=__doc__)
    parser.add_argument("rows", metavar="ROW", nargs="*", choices=[*ROWS, []], default=[], help=", ".join(ROWS))
    parser.add_argument("--quick", action="store_true", help="tiny sizes: only shows that it runs")
    parser.add_argument("--minutes", type=float, help="how long the soak takes (10)")
    parser.add_argument("--json", type=Path, default=KEPT, help="where the results are kept, one a line")
    parser.add_argument("--markdown", type=Path, nargs="?", const=PAGE, help="put the table into this page")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
