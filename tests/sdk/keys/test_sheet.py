"""The recovery sheet: its words read back as they were printed, and nothing else is a sheet."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.sdk.keys.sheet import Sheet, SheetError, read_sheet
from vault.sdk.keys.sheet_page import SheetFacts, render_text
from vault.secret import Secret

FACTS = SheetFacts("Praktijk <12 apostelen>", date(2026, 12, 4), "een twee drie vier vijf zes")


@given(seed=st.binary(min_size=32, max_size=32))
def test_every_sheet_reads_back_from_paper(seed: bytes) -> None:
    sheet = Sheet(Secret(seed))
    for text in (render_text(sheet, FACTS), " ".join(sheet.words), "\n".join(sheet.words).upper()):
        assert read_sheet(text).seed == seed


@pytest.mark.parametrize("text", ["", "niets", " ".join(["appel"] * 24), "<html></html>"])
def test_what_is_no_sheet_is_refused(text: str) -> None:
    with pytest.raises(SheetError):
        read_sheet(text)
