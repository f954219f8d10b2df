"""The gateway as a process: `python -m gateway`. The supervisor starts it; logs go to standard error."""

from __future__ import annotations

import sys

from vault import start


def run() -> int:
    """Serve; the exit code."""
    start.begin()
    from gateway.serve import main  # noqa: PLC0415 - after the start began

    return main()


if __name__ == "__main__":
    sys.exit(run())
