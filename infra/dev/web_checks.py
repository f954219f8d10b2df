"""Types, linters and unit tests of the pages: `python -m infra.dev.web_checks`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from infra.pages import WEB, tools

MODULES = WEB / "node_modules"
CHECKS = (
    ("typescript/bin/tsc", "--noEmit", "-p", "."),
    ("oxlint/bin/oxlint", "--type-aware", "--deny-warnings", "src", "tests"),
    ("vitest/vitest.mjs", "run", "--reporter=dot"),
)


def main() -> int:
    """Run each, all of them also where one fails; 0 when all pass."""
    node, _ = tools(Path(sys.prefix))
    return max(
        subprocess.run([node, MODULES / check[0], *check[1:]], cwd=WEB, check=False).returncode for check in CHECKS
    )


if __name__ == "__main__":
    sys.exit(main())
