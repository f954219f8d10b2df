"""The first commands to type once the vault runs; they work in another shell exactly as printed."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from pathlib import Path

from vault.settings import Settings

_USUAL_URL = "http://127.0.0.1:8420"
_EXAMPLE = Path("README.md")


def next_steps(settings: Settings) -> dict[str, str]:
    """Values for the texts: the line to type `before`, the `command`, the set-up token's `path`, a `file` to put.

    Paths are relative to the folder where the server was started; `before` changes into it.
    """
    lines = [shlex.join(["cd", os.getcwd()])]  # noqa: PTH109 - as the shell spells it
    if settings.public_url.rstrip("/") != _USUAL_URL:
        lines.append(f"export DOSSIER_URL={shlex.quote(settings.public_url)}")
    return {
        "before": " && ".join(lines),
        "command": command(),
        "path": shlex.quote(_from_here(settings.setup_token_file)),
        "file": str(_EXAMPLE) if _EXAMPLE.is_file() else "report.pdf",
    }


def command() -> str:
    """The spelling of the `dossier` command: its name only if PATH leads to this very file, else its path."""
    beside, found = Path(sys.executable).with_name("dossier"), shutil.which("dossier")
    if not beside.exists() or (found and "VIRTUAL_ENV" not in os.environ and Path(found).samefile(beside)):
        return "dossier"
    return shlex.quote(_from_here(beside))


def _from_here(path: Path) -> str:
    return os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)
