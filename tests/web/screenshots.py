"""Pictures of every state, at two widths, light and dark, in both languages: `python -m tests.web.screenshots FOLDER`."""

from __future__ import annotations

import itertools
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.infra.serving import Server
from tests.journeys.machine import DirectorHere
from tests.web import states
from tests.web.browser import DESK, PHONE, Browser

LOOKS = tuple(itertools.product((PHONE, DESK), ("light", "dark")))


def main(folder: Path) -> int:
    """Take all pictures, and make one sheet of them."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place, Server(Path(place) / "data", log=Path(place) / "log") as server:
        director = DirectorHere(Path(place) / "director", server.url)
        director.set_up(server)
        director.write("stukken/Trajectverslag oktober.pdf", b"%PDF " * 30_000)
        director.write("stukken/bijlagen/Loopbaanscan.docx", b"1234" * 300_000)
        director.write("Brief.pdf", b"%PDF")
        for number in range(1, 41):
            director.write(f"veel/Verslag van gesprek {number:02d}.pdf", b"%PDF " * number * 1000)
        director.stored("De Wit", director.folder / "veel")
        director.stored("Jansen", director.folder / "stukken")
        director.stored("Pietersen", director.folder / "Brief.pdf")

        def shared(dossier: str, *words: str) -> dict[str, Any]:
            made: dict[str, Any] = director.dossier("share", dossier, "--to", "client", *words).result
            return made

        rows: dict[str, list[str]] = {}
        for locale in ("nl-NL", "en-GB"):
            with Browser(Path(place) / f"profile-{locale}", locale=locale) as browser:
                for number, state in enumerate(states.walk(browser, server.url, shared)):
                    name = f"{number:02d}-{state.replace(' ', '-')}-{locale[:2]}"
                    rows.setdefault(state, []).extend(_pictures(browser, folder, name))
    (folder / "index.html").write_text(_sheet(rows), encoding="utf-8")
    print(f"{folder / 'index.html'}: {len(rows)} states, {sum(map(len, rows.values()))} pictures")
    return 0


def _pictures(browser: Browser, folder: Path, name: str) -> list[str]:
    """One state at every width, light and dark; the page is walked through once for all of them."""
    taken = [f"{name}-{size[0]}-{scheme}.png" for size, scheme in LOOKS]
    for (size, scheme), each in zip(LOOKS, taken, strict=True):
        given = {"width": size[0], "height": size[1], "scheme": scheme, "path": str(folder / each)}
        browser.run(_PICTURE, **given)
    browser.run(_SIZED, width=PHONE[0], height=PHONE[1])
    return taken


def _sheet(rows: dict[str, list[str]]) -> str:
    def row(state: str, names: list[str]) -> str:
        pictures = "".join(
            f'<img src="{name}" alt="{name}" width="{180 if "-360-" in name else 420}">' for name in names
        )
        return f"<h2>{state}</h2><div>{pictures}</div>"

    style = "body{font:14px system-ui;background:#888}div{display:flex;gap:8px;align-items:flex-start;flex-wrap:wrap}"
    return f"<!doctype html><meta charset=utf-8><style>{style}</style>" + "".join(itertools.starmap(row, rows.items()))


_SIZED = "await held.page.setViewportSize({ width: given.width, height: given.height });"
_PICTURE = f"""{_SIZED}
await held.page.emulateMedia({{ colorScheme: given.scheme }});
await held.page.screenshot({{ path: given.path, fullPage: true, animations: "disabled" }});"""

if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if sys.argv[1:] else "screenshots")))
