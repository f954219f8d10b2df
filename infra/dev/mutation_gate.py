"""The last step of `make mutate`: mutants killed by the tests, for each file, and whether each package reaches 90 %.

Reads mutmut's results: one JSON file for each source file, with pytest's exit code for each mutant.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

PACKAGES = ("vault/age", "vault/records", "vault/rules", "vault/domain")
PROMISED = 90.0
# mutmut's exit codes: a test failed, or pytest itself did; a timeout, which ends a mutant that loops.
KILLED = frozenset({1, 3})
TIMEOUT = frozenset({-24, 24, 36, 152, 255})
SURVIVED = frozenset({0})
# No test reaches the mutant: as bad as a survivor.
UNTESTED = frozenset({5, 33})

Tally = Counter[str]


def main(arguments: list[str]) -> int:
    """Print the table for mutmut's folder; 0 when every package keeps the promise."""
    folder = Path(arguments[0])
    kept = [_report(package, tallies(folder, package)) for package in PACKAGES]
    return 0 if all(kept) else 1


def tallies(folder: Path, package: str) -> dict[str, Tally]:
    """For each file with mutants: the counts by outcome."""
    found = {}
    for meta in sorted((folder / package).rglob("*.py.meta")):
        codes = json.loads(meta.read_text(encoding="utf-8"))["exit_code_by_key"]
        if codes:
            found[meta.relative_to(folder).as_posix().removesuffix(".meta")] = Counter(map(_end, codes.values()))
    return found


def score(tally: Mapping[str, int]) -> float:
    """Per cent killed of all tried mutants; a timeout counts as killed."""
    tried = sum(tally.values()) - tally.get("not run", 0)
    return 100.0 * (tally.get("killed", 0) + tally.get("timeout", 0)) / tried if tried else 0.0


def _end(code: int | None) -> str:
    if code is None:
        return "not run"
    ends = {"killed": KILLED, "timeout": TIMEOUT, "survived": SURVIVED, "untested": UNTESTED}
    return next((end for end, codes in ends.items() if code in codes), "unclear")


def _report(package: str, files: Mapping[str, Tally]) -> bool:
    whole = sum(files.values(), Counter[str]())
    for name, tally in [*files.items(), (package, whole)]:
        print(f"{name:32} {sum(tally.values()):5} mutants, {score(tally):6.2f} % killed; {_said(tally.items())}")
    kept = score(whole) >= PROMISED
    print(f"{package}: promised {PROMISED:g} %{'' if kept else ': MISSED'}\n")
    return kept


def _said(ends: Iterable[tuple[str, int]]) -> str:
    return ", ".join(f"{count} {end}" for end, count in sorted(ends))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
