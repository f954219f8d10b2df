"""Pictures of every state, at two widths, light and dark, in both languages: `python -m tests.web.screenshots FOLDER`."""

from __future__ import annotations

import itertools
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.infra.serving import Server
from tests.journeys.machine import Director
from tests.web import states
from tests.web.browser import DESK, PHONE, Browser

LOOKS = tuple(itertools.product((PHONE, DESK), ("light", "dark"), ("nl-NL", "en-GB")))


def main(folder: Path) -> int:
    """Take all pictures, and make one sheet of them."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place, Server(Path(place) / "data", log=Path(place) / "log") as server:
        director = Director(Path(place) / "director", server.url)
        director.set_up(server)
        director.write("stukken/Trajectverslag oktober.pdf", b"%PDF " * 30_000)
        director.write("stukken/bijlagen/Loopbaanscan.docx", b"1234" * 300_000)
        director.write("Brief.pdf", b"%PDF")
        director.stored("Jansen", director.folder / "stukken")
        director.stored("Pietersen", director.folder / "Brief.pdf")

        def shared(dossier: str, *words: str) -> dict[str, Any]:
            made: dict[str, Any] = director.dossier("share", dossier, "--to", "client", *words).result
            return made

        rows: dict[str, list[str]] = {}
        for number, (size, scheme, locale) in enumerate(LOOKS):
            with Browser(Path(place) / f"profile-{number}", size=size, colorScheme=scheme, locale=locale) as browser:
                for place_in_walk, state in enumerate(states.walk(browser, server.url, shared)):
                    name = f"{place_in_walk:02d}-{state.replace(' ', '-')}-{size[0]}-{scheme}-{locale[:2]}.png"
                    browser.run(_PICTURE, path=str(folder / name))
                    rows.setdefault(state, []).append(name)
    (folder / "index.html").write_text(_sheet(rows), encoding="utf-8")
    print(f"{folder / 'index.html'}: {len(rows)} states, {sum(map(len, rows.values()))} pictures")
    return 0


def _sheet(rows: dict[str, list[str]]) -> str:
    def row(state: str, names: list[str]) -> str:
        pictures = "".join(
            f'<img src="{name}" alt="{name}" width="{180 if "-360-" in name else 420}">' for name in names
        )
        return f"<h2>{state}</h2><div>{pictures}</div>"

    style = "body{font:14px system-ui;background:#888}div{display:flex;gap:8px;align-items:flex-start;flex-wrap:wrap}"
    return f"<!doctype html><meta charset=utf-8><style>{style}</style>" + "".join(itertools.starmap(row, rows.items()))


_PICTURE = "await held.page.waitForTimeout(300); await held.page.screenshot({path: given.path, fullPage: true})"

if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if sys.argv[1:] else "screenshots")))
