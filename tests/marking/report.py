"""A step of `make test`: what the marks say, as coverage.py reports it: `python -m tests.marking.report FILE.json`."""

from __future__ import annotations

import marshal
import sys
from pathlib import Path

import coverage
from coverage.parser import PythonParser

from tests.marking.loading import PACKAGES, REACHED, ROOT
from tests.marking.marks import Fact


def main(arguments: list[str]) -> int:
    """Write coverage's JSON report of all that was reached since the folder was emptied."""
    report(together(REACHED), Path(arguments[0]))
    return 0


def together(folder: Path) -> dict[str, set[Fact]]:
    """What all processes reached, by file."""
    found: dict[str, set[Fact]] = {}
    for process in folder.iterdir():
        for path, facts in marshal.loads(process.read_bytes()).items():
            found.setdefault(path, set()).update(facts)
    return found


def report(reached: dict[str, set[Fact]], target: Path) -> None:
    """Coverage's JSON report; a file that nothing imported is in it as well."""
    measured = coverage.Coverage(data_file=None, config_file=str(ROOT / "pyproject.toml"))
    data = measured.get_data()
    data.add_arcs({path: arcs(Path(path), facts) for path, facts in reached.items()})
    data.touch_files(
        [str(path) for name in PACKAGES for path in (ROOT / name).rglob("*.py") if "node_modules" not in path.parts]
    )
    omitted = measured.get_option("run:omit")
    assert isinstance(omitted, list)
    measured.json_report(outfile=str(target), omit=omitted)


def arcs(path: Path, facts: set[Fact]) -> set[Fact]:
    """In coverage.py's own words: the other way out of a line is what its parser says of it."""
    parser = PythonParser(filename=str(path))
    parser.parse_source()
    possible, first = parser.arcs(), parser.first_line
    avoided = {(first(start), first(-end)) for start, end in facts if end < 0}
    left = {start for start, _ in avoided}
    return {fact for fact in facts if fact[1] > 0} | {
        (start, end) for start, end in possible if start in left and (start, end) not in avoided
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
