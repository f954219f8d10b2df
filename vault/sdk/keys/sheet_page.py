"""The recovery sheet for printing: an HTML page, or plain text; both with the words and a QR code of them."""

from __future__ import annotations

import html
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from vault.errors import InvalidInputError, UnavailableError
from vault.files import create_private
from vault.sdk.keys.sheet import Sheet

_COLUMNS = 4
_BLOCKS = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}
_STYLE = (
    "@page{margin:2cm}body{font:12pt/1.5 system-ui,sans-serif;color:#111;background:#fff;max-width:46rem;"
    "margin:2rem auto;padding:0 1rem}h1{font-size:1.6rem;margin:0 0 .2rem}header p{margin:0;color:#555}"
    "ol{columns:4;column-gap:1.5rem;"
    "border:1px solid #999;border-radius:.4rem;padding:1rem 1rem 1rem 2.6rem;font-size:13pt}li{break-inside:avoid;"
    "padding:.15rem 0}svg{width:6cm;height:6cm}.safe{border-left:.3rem solid #8a5a00;padding-left:1rem}"
    "[lang=en]{color:#555;font-size:.92em}@media(max-width:40rem){ol{columns:2}}"
)


@dataclass(frozen=True, slots=True)
class SheetFacts:
    """The facts on the sheet beside its secret; `fingerprint` are the root key's six words."""

    practice: str
    day: date
    fingerprint: str


def write_sheet(path: Path, sheet: Sheet, facts: SheetFacts) -> None:
    """Write the sheet to a new file of mode 0600: a page for `.html`, text for any other name.

    Raises InvalidInputError when the file exists: it may be the only copy of another sheet.
    """
    page = render_page(sheet, facts) if path.suffix.lower() in {".html", ".htm"} else render_text(sheet, facts)
    try:
        written = create_private(path, page.encode("utf-8"))
    except UnavailableError as error:
        raise UnavailableError(
            f"the recovery sheet cannot be written: {error}", advice="Give another place for it."
        ) from error
    if not written:
        raise InvalidInputError(
            f"there is a file already: {path}", advice="It may be another recovery sheet. Give it a new name."
        )


def render_page(sheet: Sheet, facts: SheetFacts) -> str:
    """The sheet as one HTML page without external resources."""
    practice, day, fingerprint = (html.escape(v) for v in (facts.practice, _day(facts.day), facts.fingerprint))
    words = "".join(f"<li>{html.escape(word)}</li>" for word in _numbered(sheet))
    return f"""<!doctype html>
<html lang="nl"><head><meta charset="utf-8"><title>Herstelblad {practice}</title>
<meta name="viewport" content="width=device-width"><meta name="robots" content="noindex"><style>{_STYLE}</style></head>
<body><header><h1>Herstelblad</h1><p>{practice} · {day}</p></header>
<p>Met deze 24 woorden komt de directie weer bij alle dossiers als wachtwoord of telefoon verloren is. Er is geen
andere weg terug: ook de beheerder van de server kan u dan niet helpen.</p>
<p lang="en">With these 24 words the director gets back to every dossier when password or telephone are lost. There is
no other way back: not even whoever runs the server could help you.</p>
<ol style="list-style:none">{words}</ol>
<p>{_qr_svg(sheet)}</p>
<p class="safe"><strong>Print dit blad, bewaar het in een kluis en wis daarna het bestand.</strong> Wie dit blad heeft,
kan alles lezen. Fotografeer het niet en zet het niet in de cloud.<br><span lang="en">Print this sheet, keep it in a
safe, then delete the file. Whoever has it can read everything. Take no photograph of it and keep it out of the
cloud.</span></p>
<p>Controlewoorden van de praktijk <span lang="en">(fingerprint)</span>: <strong>{fingerprint}</strong></p>
<p><small>dossier recover --email … --sheet …</small></p></body></html>
"""


def render_text(sheet: Sheet, facts: SheetFacts) -> str:
    """The sheet as plain text, its QR drawn with blocks."""
    words = [f"{word:<18}" for word in _numbered(sheet)]
    rows = len(words) // _COLUMNS
    table = "\n".join("".join(words[row::rows]).rstrip() for row in range(rows))
    return f"""HERSTELBLAD / RECOVERY SHEET

{facts.practice}
{_day(facts.day)}

Met deze 24 woorden komt de directie weer bij alle dossiers als wachtwoord of telefoon verloren is.
Print dit blad, bewaar het in een kluis en wis daarna het bestand. Wie het heeft, kan alles lezen.

With these 24 words the director gets back to every dossier when password or telephone are lost.
Print this sheet, keep it in a safe, then delete the file. Whoever has it can read everything.

{table}

Controlewoorden / fingerprint:
  {facts.fingerprint}

{_qr_text(sheet)}
dossier recover --email ... --sheet ...
"""


def _numbered(sheet: Sheet) -> list[str]:
    return [f"{number}. {word}" for number, word in enumerate(sheet.words, start=1)]


def _day(at: date) -> str:
    """The day in digits: names of months are words of the list, and would confuse reading a sheet back."""
    return f"{at:%d-%m-%Y}"


def _qr_svg(sheet: Sheet) -> str:
    import segno  # noqa: PLC0415 - drawn once in a practice's life

    return str(segno.make_qr(" ".join(sheet.words), error="m").svg_inline(scale=4, border=4, title="QR"))


def _qr_text(sheet: Sheet) -> str:
    """The QR code for paper, two rows a line with dark modules as ink; a terminal's drawing is the negative."""
    import segno  # noqa: PLC0415 - drawn once in a practice's life

    rows = [list(row) for row in segno.make_qr(" ".join(sheet.words), error="m").matrix_iter(border=4)]
    rows.append([0] * len(rows[0]))
    return "\n".join(
        "".join(_BLOCKS[bool(upper), bool(lower)] for upper, lower in zip(*pair, strict=True)).rstrip()
        for pair in zip(rows[::2], rows[1::2], strict=False)
    )
