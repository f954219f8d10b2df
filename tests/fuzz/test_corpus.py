"""Every seed and everything that a fuzzer ever found, through the same harnesses, without the fuzzer."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from tests.fuzz import HARNESSES
from tests.fuzz.seeds import CORPUS, write

INPUTS = sorted(CORPUS.glob("*/*"))


@pytest.mark.parametrize("path", INPUTS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_the_promise_holds_for(path: Path) -> None:
    importlib.import_module(f"tests.fuzz.{path.parent.name}").check(path.read_bytes())


@pytest.mark.parametrize("name", HARNESSES)
def test_the_promise_holds_for_what_is_hardly_there(name: str) -> None:
    harness = importlib.import_module(f"tests.fuzz.{name}")
    for data in (b"", b"\x00", b"\xff", b"\x00" * 64, b"\xff" * 64, bytes(range(256))):
        harness.check(data)


@pytest.mark.parametrize("name", HARNESSES)
def test_every_harness_has_seeds_small_enough_to_be_tried(name: str) -> None:
    harness = importlib.import_module(f"tests.fuzz.{name}")
    found = [path.stat().st_size for path in INPUTS if path.parent.name == name]
    assert found
    assert max(found) <= harness.LONGEST


def test_the_seeds_are_those_that_the_script_writes(tmp_path: Path) -> None:
    write(tmp_path)
    written = {path.relative_to(tmp_path) for path in tmp_path.glob("*/seed-*")}
    assert written == {path.relative_to(CORPUS) for path in CORPUS.glob("*/seed-*")}
    assert {path.parent.name for path in INPUTS} == set(HARNESSES)
