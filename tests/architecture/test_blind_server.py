"""The server never needs what decrypts: its whole suite passes in a tree from which `vault.age` and `vault.sdk` are gone.

import-linter reads import statements; this also notices `importlib`, a name built at run time, and a lazy import.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
REMOVED = ("vault/age", "vault/sdk")
HOUSES = ("vault", "gateway", "workers", "infra", "tests")
# Without the requests of generators: they ask the same routes once more.
SUITES = ("tests/gateway", "tests/flows", "tests/contract", "--ignore-glob=*/test_openapi_*")

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    copy = tmp_path_factory.mktemp("blind")
    for house in HOUSES:
        shutil.copytree(ROOT / house, copy / house, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", copy)
    for removed in REMOVED:
        shutil.rmtree(copy / removed)
    return copy


def python(tree: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("COV", "PYTEST"))}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=tree,
        env={**kept, "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("module", ["vault.age", "vault.sdk"])
def test_in_the_tree_there_is_nothing_that_decrypts(tree, module):
    assert f"No module named '{module}'" in python(tree, "-c", f"import {module}").stderr


@pytest.mark.parametrize("module", ["gateway.app", "workers.tasks", "infra.supervisor", "vault.wiring"])
def test_every_door_of_the_server_opens_without_it(tree, module):
    loaded = python(tree, "-c", f"import sys, {module}; print('cryptography' in sys.modules)")
    assert loaded.stderr == ""
    assert loaded.stdout.strip() == "False"


def test_the_servers_suite_passes_without_it(tree):
    done = python(tree, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", *SUITES)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
