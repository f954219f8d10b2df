"""The papers of the demonstration: real PDFs, made here; one of them has scanned pages and more than 40 MB."""

from __future__ import annotations

import os
from io import BytesIO
from pathlib import Path

from fpdf import FPDF
from PIL import Image

LARGE = 40_000_000
_SIDE = 1_800
_LINES = (
    "Dit verslag is alleen voor de cliënt en de begeleider.",
    "Besproken: wat energie geeft, wat energie kost, en wat een volgende stap kan zijn.",
    "Afgesproken: twee gesprekken met vakgenoten, en een plan van aanpak voor het voorjaar.",
)


def report(path: Path, title: str, pages: int) -> None:
    """Several pages of text."""
    document = FPDF()
    for number in range(1, pages + 1):
        document.add_page()
        document.set_font("Helvetica", style="B", size=18)
        document.cell(0, 14, f"{title}, blad {number} van {pages}", new_x="LMARGIN", new_y="NEXT")
        document.set_font("Helvetica", size=11)
        for _ in range(12):
            for line in _LINES:
                document.multi_cell(0, 6, line, new_x="LMARGIN", new_y="NEXT")
    document.output(str(path))


def scans(path: Path) -> None:
    """Scanned pages (pictures), until the file is larger than `LARGE`."""
    document = FPDF()
    size = 0
    while size <= LARGE:
        picture = BytesIO()
        Image.frombytes("RGB", (_SIDE, _SIDE), os.urandom(_SIDE * _SIDE * 3)).save(picture, "JPEG", quality=90)
        size += picture.tell()
        document.add_page()
        document.image(picture, x=0, y=0, w=210)
    document.output(str(path))
