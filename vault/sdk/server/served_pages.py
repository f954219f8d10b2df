"""Compares the pages that a gateway serves with those that this installation was built with.

A browser trusts the page that it is given. The pages are static, so anybody who has the same version can see from
outside whether a gateway gives browsers what was built: every file's hash, type and policy, and the other headers.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import vault
from vault.sdk.server.api import Api, Served

MANIFEST = Path(vault.__file__).parents[1] / "gateway" / "web" / "built" / "manifest.json"
_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_OK = 200


@dataclass(frozen=True, slots=True)
class PagesFinding:
    """What was found: `path` is the first file that differs, empty where the gateway has no pages at all."""

    path: str


def is_known(manifest: Path | None = None) -> bool:
    """Whether pages were built here, so that there is something to compare with."""
    return (manifest or MANIFEST).exists()


def compare(api: Api, manifest: Path | None = None) -> PagesFinding | None:
    """The first difference from what was built here; None where there is none. Raises ServerUnreachableError."""
    meant = json.loads((manifest or MANIFEST).read_bytes())
    if api.served("/manifest.json").status != _OK:
        return PagesFinding("")
    for path, file in sorted(meant["files"].items()):
        if not _is_meant(api.served(_address(path)), file, meant["policies"]):
            return PagesFinding(path)
    return None


def _address(path: str) -> str:
    """Where a file is served; the page of links under any link, so that no link is treated apart."""
    return {"index.html": "/", "s/index.html": f"/s/{secrets.token_hex(16)}"}.get(path, f"/{path}")


def _is_meant(served: Served, file: dict[str, Any], policies: dict[str, str]) -> bool:
    headers = {"Content-Type": file["type"], "Content-Security-Policy": policies[file["policy"]], **_ALWAYS}
    same = all(served.headers.get(name) == value for name, value in headers.items())
    return same and served.status == _OK and hashlib.sha256(served.content).hexdigest() == file["sha256"]
