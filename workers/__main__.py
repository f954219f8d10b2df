"""A worker or beat as a process: `python -m workers worker`, `python -m workers beat`. The supervisor starts them.

Celery's own command would do, but it imports a shell with completion, and whatever else it could be asked for: half of
the work of a start.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from vault import start


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until SIGTERM or SIGINT; the exit code."""
    parser = argparse.ArgumentParser(prog="workers", description=__doc__)
    parser.add_argument("part", choices=("worker", "beat"))
    part = parser.parse_args(arguments).part
    start.begin()
    from workers import running  # noqa: PLC0415 - after the start began

    return running.worker() if part == "worker" else running.beat()


if __name__ == "__main__":
    sys.exit(main())
