"""The sheet to print: it loads nothing, escapes the practice's name, and reads back with its picture."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from vault.errors import UnavailableError
from vault.sdk.keys.sheet import Sheet, new_sheet, read_sheet
from vault.sdk.keys.sheet_page import SheetFacts, render_page, write_sheet
from vault.secret import Secret

FACTS = SheetFacts("Praktijk <12 apostelen>", date(2026, 12, 4), "een twee drie vier vijf zes")


@pytest.mark.parametrize("seed", [bytes(32), b"\xff" * 32, bytes(range(32))])
def test_every_page_with_its_picture_reads_back_too(seed: bytes) -> None:
    assert read_sheet(render_page(Sheet(Secret(seed)), FACTS)).seed == seed


def test_the_page_loads_nothing_and_escapes_the_practice() -> None:
    page = render_page(new_sheet(), FACTS)
    assert "<12" not in page
    assert "src=" not in page
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "")
    assert "<svg" in page


def test_a_sheet_that_cannot_be_written_says_where(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError):
        write_sheet(tmp_path / "missing" / "sheet.txt", new_sheet(), FACTS)
