"""The last step of `make mutate`: how many mutants of each file the tests killed, and whether 90 % a package hold.

Reads what mutmut wrote beside its mutants: one JSON file a source file, with pytest's exit code for each mutant.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

PACKAGES = ("vault/age", "vault/records", "vault/rules", "vault/domain")
PROMISED = 90.0
# mutmut's exit codes: a test failed, or pytest itself did; the time was up, which is how a mutant that loops ends.
KILLED = frozenset({1, 3})
TIMEOUT = frozenset({-24, 24, 36, 152, 255})
SURVIVED = frozenset({0})
# No test reaches it: as bad as one that lives.
UNTESTED = frozenset({5, 33})

Tally = Counter[str]


def main(arguments: list[str]) -> int:
    """Print the table of the folder that mutmut wrote; 0 when every package keeps the promise."""
    folder = Path(arguments[0])
    kept = [_report(package, tallies(folder, package)) for package in PACKAGES]
    return 0 if all(kept) else 1


def tallies(folder: Path, package: str) -> dict[str, Tally]:
    """For each file of a package that has mutants: how many ended which way."""
    found = {}
    for meta in sorted((folder / package).rglob("*.py.meta")):
        codes = json.loads(meta.read_text(encoding="utf-8"))["exit_code_by_key"]
        if codes:
            found[meta.relative_to(folder).as_posix().removesuffix(".meta")] = Counter(map(_end, codes.values()))
    return found


def score(tally: Mapping[str, int]) -> float:
    """Per cent killed of all mutants that were tried; a mutant that ran out of time counts as killed."""
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
