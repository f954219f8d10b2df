"""A server without decryption: `-p tests.blind` makes importing `vault.age` and `vault.sdk` fail.

The server's suites run under it in their own session (`make test`), including all processes they start: any import of
these packages fails, in whatever way. The server's own modules may not import `cryptography` either; the tests'
libraries may.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

REFUSED = ("vault.age", "vault.sdk")
REFUSED_TO_OURS = ("cryptography",)
MAY_SEAL = ("vault.adapters.escrow",)  # imports it when a worker seals the generation keys, and cannot open
OURS = ("vault", "gateway", "workers", "infra")
SUITES = ["floor", "domain", "rules", "records", "flows", "contract", "gateway", "settings", "workers", "architecture"]


class BlindError(ImportError):
    """The server tried to import decrypting code."""


class Blind(MetaPathFinder):
    """The first finder of all, so that no other one finds a refused module."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        refused = _is_in(name, REFUSED_TO_OURS) and _is_in(_importer(), OURS) and not _is_in(_importer(), MAY_SEAL)
        if refused or _is_in(name, REFUSED):
            raise BlindError(f"the server is blind: it has no {name}", name=name)
        return None


def _is_in(name: str, packages: Sequence[str]) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def _importer() -> str:
    """The importing module, behind the frames of importlib."""
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith(("importlib", __name__)):
        frame = frame.f_back
    return str(frame.f_globals.get("__name__", ""))


def install() -> None:
    """Refuse from now on, here and in child processes."""
    loaded = [name for name in sys.modules if _is_in(name, REFUSED)]
    assert not loaded, f"too late to be blind: {loaded}"
    sys.meta_path.insert(0, Blind())
    inherited = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    places = (str(Path(__file__).parent / "blind_processes"), str(Path(__file__).parents[1]))
    os.environ["PYTHONPATH"] = os.pathsep.join([*places, *(place for place in inherited if place)])


def is_installed() -> bool:
    """Whether this process is blind."""
    return any(isinstance(finder, Blind) for finder in sys.meta_path)
