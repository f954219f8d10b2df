"""ASVS.md has each item of its chapters, and each test that it names is there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "ASVS.md").read_text(encoding="utf-8")
# Of OWASP ASVS 5.0, levels 1 and 2: how many items there are in each section, and which of them are of level 3.
COUNTS = {
    "6.1": 3, "6.2": 11, "6.3": 4, "6.4": 4, "6.5": 5, "6.6": 3, "6.8": 4,
    "7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5, "7.5": 2, "7.6": 2,
    "8.1": 2, "8.2": 3, "8.3": 1, "8.4": 1,
}  # fmt: skip
ROWS = re.findall(r"^\| (\d\.\d\.\d+) \| (.+?) \| (.*) \|$", TEXT, re.MULTILINE)
TESTS = re.findall(r"`(tests/[a-z0-9_/]+\.py)::(test_[a-z0-9_]+)`", TEXT)


def test_every_item_of_level_two_is_there_once_and_in_order() -> None:
    wanted = [f"{section}.{number}" for section, count in COUNTS.items() for number in range(1, count + 1)]
    assert [number for number, _, _ in ROWS] == wanted


def test_every_item_has_a_test_or_a_reason() -> None:
    assert [number for number, _, here in ROWS if "::test_" not in here and "Does not apply" not in here] == []


def test_every_test_that_it_names_is_there() -> None:
    assert len(TESTS) > 50
    text = {path: (ROOT / path).read_text(encoding="utf-8") for path, _ in TESTS}
    assert [(path, name) for path, name in TESTS if f"def {name}(" not in text[path]] == []
