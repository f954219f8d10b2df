"""A step of `make test`: branch coverage of 100 % in the promised folders, 95 % overall, by the measured sessions.

What only a test beside those reaches, one of processes, dangers or browsers, counts as not reached (decision 0048).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

PROMISED = {"vault/age": 100.0, "vault/rules": 100.0, "vault/domain": 100.0, "vault/flows": 100.0, "": 95.0}


def main(arguments: list[str]) -> int:
    """Check coverage's JSON report; 0 when every promise is kept."""
    files = json.loads(Path(arguments[0]).read_text(encoding="utf-8"))["files"]
    kept = [_report(package, promised, files) for package, promised in PROMISED.items()]
    return 0 if all(kept) else 1


def covered(package: str, files: Mapping[str, Any]) -> tuple[float, list[str]]:
    """Per cent of statements and branches covered below a folder, and the missing ones, file by file."""
    hit = total = 0
    missing = []
    for name, file in sorted(files.items()):
        if package and not name.startswith(f"{package}/"):
            continue
        summary = file["summary"]
        hit += summary["covered_lines"] + summary["covered_branches"]
        total += summary["num_statements"] + summary["num_branches"]
        if file["missing_lines"] or file["missing_branches"]:
            branches = [f"{start}->{end}" for start, end in file["missing_branches"]]
            missing.append(f"    {name}: {', '.join([*map(str, file['missing_lines']), *branches])}")
    return 100.0 * hit / total if total else 100.0, missing


def _report(package: str, promised: float, files: Mapping[str, Any]) -> bool:
    per_cent, missing = covered(package, files)
    kept = per_cent >= promised
    print(
        f"coverage of {package or 'everything'}: {per_cent:.2f} %, promised {promised:g} %{'' if kept else ': MISSED'}"
    )
    if not kept:
        print("\n".join(missing))
    return kept


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
