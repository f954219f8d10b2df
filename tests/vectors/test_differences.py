"""No language takes what another refuses: cases that chance makes of the vectors, judged by Python and by both readers.

A case is a small change of something that is accepted, with its signature made anew. What differs here is a sentence
that FORMAT.md lacks, or a mistake: it gets a case among the vectors.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from random import SystemRandom

import pytest
from hypothesis import settings

from tests.tools import missing
from tests.vectors.generated import FAMILIES, batch
from tests.vectors.mutations import Json
from tests.vectors.test_reader import NOBLE, node

ROOT = Path(__file__).parents[2]
READER = ROOT / "tests" / "vectors" / "reader" / "judge.mjs"
BROWSER = ROOT / "gateway" / "web" / "tests" / "crypto" / "judge.mjs"
AGE = ROOT / "gateway" / "web" / "node_modules" / "age-encryption"
NIGHTLY = settings().max_examples > 50
SEED, EACH = (SystemRandom().randrange(2**32), 100) if NIGHTLY else (1, 20)


@pytest.fixture(scope="module")
def cases() -> list[Json]:
    return batch(SEED, EACH)


def said(judge: Path, cases: list[Json], folder: Path) -> list[Json]:
    """What a reader says of each case."""
    file = folder / "cases.json"
    file.write_text(json.dumps([{name: one[name] for name in ("family", "case")} for one in cases]))
    done = subprocess.run([node(), judge, file], capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]
    found: list[Json] = json.loads(done.stdout)
    return found


def differs(one: Json, other: Json) -> bool:
    """Whether two languages differ in what they take, or, where FORMAT.md says which fault comes first, in its word."""
    if FAMILIES[one["family"]].words:
        return bool(one["found"] != other)
    return is_taken(one["found"]) != is_taken(other) or (is_taken(other) and one["found"] != other)


def is_taken(found: Json) -> bool:
    return not isinstance(found, str) or found == "allowed" or len(found) == 64


@pytest.mark.parametrize("judge", [READER, BROWSER], ids=["the reader of the vectors", "the browser's"])
def test_no_language_takes_what_another_refuses(judge: Path, cases: list[Json], tmp_path: Path) -> None:
    if judge is READER and not NOBLE.exists():
        missing("node_modules/@noble/hashes is missing; it comes by: npm ci")
    if judge is BROWSER and not AGE.exists():
        missing("gateway/web/node_modules is missing, or not whole; it comes by: make test-web")
    found = said(judge, cases, tmp_path)
    others = [
        {"family": one["family"], "case": one["case"], "python": one["found"], "it": other}
        for one, other in zip(cases, found, strict=True)
        if differs(one, other)
    ]
    assert not others, f"seed {SEED}: {json.dumps(others[:3])[:4000]}"


def test_chance_makes_what_is_taken_and_what_is_refused(cases: list[Json]) -> None:
    """Were all refused for their form, nothing else would be compared."""
    for name in FAMILIES:
        found = [one["found"] for one in cases if one["family"] == name]
        assert len({json.dumps(one) for one in found}) > 1, name
        assert any(is_taken(one) for one in found), name
