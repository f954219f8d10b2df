"""The pages for browsers, as `gateway/web` builds them: every file in memory, beside its compressed forms.

`manifest.json`, written last by the build, says of each file its hash, type and policy; without it nothing was built,
and links are answered by the plain page.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

FOLDER = Path(__file__).parent / "web" / "built"
MANIFEST = "manifest.json"
FIRST, PICK_UP, ASSETS = "index.html", "s/index.html", "assets/"
IMMUTABLE = "public, max-age=31536000, immutable"
# The smaller form first.
_ENCODINGS = (("br", ".br"), ("gzip", ".gz"))


@dataclass(frozen=True, slots=True)
class Page:
    """A built file: its content by encoding ("" is the plain one), type and policy."""

    contents: dict[str, bytes]
    type: str
    policy: str
    immutable: bool

    def answer(self, request: Request, **headers: str) -> Response:
        """The file in the best form that the caller takes."""
        taken = _taken(request.headers.get("accept-encoding", ""))
        encoding = next((name for name, _ in _ENCODINGS if name in taken and name in self.contents), "")
        own = {"Content-Type": self.type, "Content-Security-Policy": self.policy, "Vary": "Accept-Encoding", **headers}
        if encoding:
            own["Content-Encoding"] = encoding
        if self.immutable:
            own["Cache-Control"] = IMMUTABLE
        return Response(self.contents[encoding], headers=own)


@dataclass(frozen=True, slots=True)
class Pages:
    """All built files by their path, and the manifest as it was built."""

    files: dict[str, Page]
    manifest: bytes


@cache
def built(folder: Path) -> Pages | None:
    """The files of a build; None where there is none, or only half of one."""
    try:
        manifest = (folder / MANIFEST).read_bytes()
        said = json.loads(manifest)
        return Pages({path: _page(folder, path, said) for path in said["files"]}, manifest)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _page(folder: Path, path: str, said: dict[str, dict[str, dict[str, str]]]) -> Page:
    file = said["files"][path]
    contents = {"": (folder / path).read_bytes()}
    for encoding, end in _ENCODINGS:
        contents[encoding] = (folder / f"{path}{end}").read_bytes()
    policy = str(said["policies"][file["policy"]])
    return Page(contents, file["type"], policy, immutable=path.startswith(ASSETS))


def _taken(accepted: str) -> set[str]:
    """The encodings in an Accept-Encoding (RFC 9110, section 12.5.3) that are not refused by `q=0`."""
    found = set()
    for one in accepted.lower().split(","):
        name, _, quality = one.partition(";")
        if quality.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}:
            found.add(name.strip())
    return found
