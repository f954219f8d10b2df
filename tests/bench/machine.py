"""What the figures were measured on: processor, memory, engines, date."""

# ruff: noqa: RUF001  the signs of multiplication and of a range

from __future__ import annotations

import os
import platform
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

PACKAGES = ("cryptography", "minio", "uvicorn", "fastapi", "starlette", "sqlalchemy", "psycopg")


def describe() -> list[str]:
    """One fact a line."""
    load = os.getloadavg()[0]
    return [
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, commit {_commit()}, load {load:.1f} at the start",
        f"{os.cpu_count()} × {_processor()}, {_memory_gib():.0f} GiB, Linux {platform.release()}",
        f"Python {platform.python_version()}, " + ", ".join(f"{name} {version(name)}" for name in PACKAGES),
        "clients, gateway, S3 server and databases share these processors and speak over the loopback",
    ]


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _memory_gib() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30


def _commit() -> str:
    said = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    return said.stdout.strip() or "unknown"
