"""docker-compose.yml as Compose reads it: variables filled in, anchors and merges resolved, secrets made by its script."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "docker-compose.yml"
CHOSEN = {"VAULT_HOST": "dossier.example", "VAULT_TLS": "internal"}
OURS = ("gateway", "worker", "beat", "prepare")
_VARIABLE = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}")


class UnchosenError(Exception):
    """A required variable is not set."""


def load(chosen: Mapping[str, str] = CHOSEN) -> dict[str, Any]:
    """The file with those variables."""

    def value(found: re.Match[str]) -> str:
        name, kind, text = found.groups()
        if chosen.get(name):
            return chosen[name]
        if kind == "-":
            return str(text)
        raise UnchosenError(f"{name}: {text}")

    lines = (line for line in FILE.read_text().splitlines() if not line.lstrip().startswith("#"))
    return yaml.safe_load(_VARIABLE.sub(value, "\n".join(lines)).replace("$$", "$"))


@cache
def services() -> dict[str, dict[str, Any]]:
    return load()["services"]


def make_secrets(folder: Path) -> dict[str, str]:
    """The files made by the script, by name."""
    script = ["sh", str(ROOT / "infra/images/secrets"), str(folder)]
    subprocess.run(script, check=True, capture_output=True, env={"PATH": os.environ["PATH"]})
    return {path.name: path.read_text().strip() for path in folder.iterdir()}


def environment(service: str, secrets: Path) -> dict[str, str]:
    """A service's environment, with its secrets in that folder."""
    given = services()[service]["environment"]
    return {name: str(value).replace("/run/secrets/", f"{secrets}/") for name, value in given.items()}


def secret_names(service: Mapping[str, Any]) -> list[str]:
    """The secrets that a service is given."""
    return [each if isinstance(each, str) else each["source"] for each in service.get("secrets", [])]
