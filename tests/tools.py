"""External programs of tests; an insufficient version counts as missing.

A missing program skips the test, with the reason and the command that provides it; with `DOSSIER_TEST_REQUIRE=all` it
fails.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import NoReturn

import pytest

_BESIDE = Path(__file__).resolve().parents[1] / ".tools" / "bin"


def missing(message: str) -> NoReturn:
    """Skip, or fail where everything is required."""
    if os.environ.get("DOSSIER_TEST_REQUIRE") == "all":
        pytest.fail(message)
    pytest.skip(message)


def program(name: str, get: str, *, asked: Sequence[str] = ("--version",), says: str = "") -> str:
    """The path of a program whose output for `asked` contains `says`."""
    found = shutil.which(name) or shutil.which(name, path=str(_BESIDE))
    if found is None:
        missing(f"{name} is not on the PATH; {get}")
    if not _answers(found, tuple(asked), says):
        missing(f"{found} is no {name} that can do what this needs ({' '.join(asked)}); {get}")
    return found


@cache
def _answers(found: str, asked: tuple[str, ...], says: str) -> bool:
    try:
        done = subprocess.run([found, *asked], capture_output=True, check=False, timeout=30, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0 and says.encode() in done.stdout + done.stderr


def age() -> str:
    """The reference implementation, which knows the hybrid recipients since 1.3; `age-keygen` lies beside it."""
    get = "`GOBIN=$PWD/.tools/bin go install filippo.io/age/cmd/...@v1.3.2`"
    keygen = program("age-keygen", get, asked=("-pq",), says="AGE-SECRET-KEY-PQ-")
    return program("age", get) and str(Path(keygen).with_name("age"))


def caddy() -> str:
    """The proxy that stands before the gateways."""
    return program("caddy", "`apt-get install caddy`", asked=("version",))


def redis_server() -> str:
    """Redis with users and TLS, so 6 or later."""
    return program("redis-server", "`apt-get install redis-server`", says="Redis server v=")


def versitygw() -> str:
    """Versity Gateway with its own file of accounts."""
    get = "`GOBIN=$PWD/.tools/bin go install github.com/versity/versitygw/cmd/versitygw@v1.8.0`"
    return program("versitygw", get, asked=("--help",), says="--iam-dir")


def rclone() -> str:
    """An rclone that can be an S3 server, which Debian's 1.60 cannot."""
    get = "`GOBIN=$PWD/.tools/bin go install github.com/rclone/rclone@v1.71.0`"
    return program("rclone", get, asked=("serve", "s3", "--help"), says="--auth-key")


def restic() -> str:
    """A peer of the bench."""
    get = "`GOBIN=$PWD/.tools/bin go install github.com/restic/restic/cmd/restic@v0.18.1`"
    return program("restic", get, asked=("version",), says="restic 0.")
