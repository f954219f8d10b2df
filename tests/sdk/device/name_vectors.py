"""Makes `tests/vectors/6-names.json`: `python -m tests.sdk.device.name_vectors` writes it anew."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from vault.sdk.device.names import Places, safe_folder, safe_name

FILE = Path(__file__).parents[2] / "vectors" / "6-names.json"
COMPOSED, DECOMPOSED = "caf\u00e9.pdf", "cafe\u0301.pdf"
# What is saved in one go: the files (and folders, with a slash behind) that are there, then folder and name of each.
CASES: tuple[tuple[str, tuple[str, ...], tuple[tuple[str, str], ...]], ...] = (
    ("options", (), (("", "-rf"), ("", "-"), ("", "--"), ("", ".-x"), ("-r", "a.txt"), ("", "a-b"))),
    ("devices", (), (("", "CON"), ("", "nul.txt"), ("", "com\u00b9 .log"), ("aux", "a.txt"), ("", "console"))),
    ("paths", (), (("../..", "../../etc/passwd"), ("a//b", "C:\\x"), ("", ".."), ("", ""), ("", ".bashrc"))),
    ("unseen", (), (("", "in\u202evoice.pdf"), ("", "a\u200bb\u0000.txt"), ("", "\u3164"), ("", "\u00a0a\u3000 . "))),
    ("case", ("Report.pdf",), (("", "report.PDF"), ("", "REPORT.pdf"), ("", "other.pdf"))),
    ("accents", (DECOMPOSED,), (("", COMPOSED), ("", DECOMPOSED), ("", COMPOSED.upper()))),
    ("folding", (), (("", "stra\u00dfe"), ("", "STRASSE"), ("", "\u212a"), ("", "k"), ("", "\u0131"), ("", "I"))),
    ("joiners", (), (("", "a\u200db"), ("", "ab"), ("", "a\u200cb"))),
    ("same", (), (("scans", "a.pdf"), ("scans", "a.pdf"), ("Scans", "a.pdf"), ("", "a.pdf"))),
    ("numbers", ("a.pdf", "a (2).pdf"), (("", "a.pdf"), ("", "a (2).pdf"), ("", "a.b.c"), ("", "a.b.c"))),
    ("folders", ("scans", "map/"), (("scans", "a.pdf"), ("map", "a.pdf"), ("", "map"), ("MAP", "b.pdf"))),
    (
        "ends",
        (),
        (("", "a.\u3000.\u3000."), ("", "con\u0131n$"), ("", "Con.."), ("\u200b", "a"), ("", "b" * 229 + ". .pdf")),
    ),
    (
        "extensions",
        (),
        (("a.tar.gz", "." + "e" * 19), ("", "a." + "e" * 19), ("", "A." + "e" * 19), ("", "b." + "e" * 20)),
    ),
    (
        "extensions twice",
        ("b." + "e" * 20,),
        (("", "b." + "e" * 20), ("/".join("c" * 40), "d"), ("e" * 230 + "/f", "g")),
    ),
    (
        "depth",
        (),
        (
            ("/".join(["f" * 230] * 5), "a"),
            ("/".join(["g" * 230] * 4 + ["h" * 99]), "a"),
            ("/".join(["g" * 230] * 4 + ["h" * 100]), "a"),
            ("i/\u200b/j", "a"),
        ),
    ),
    ("surrogates", (), (("", "a\ud800b.txt"), ("", "\udc00.txt"), ("\ud800", "a\udfff"))),
    ("numbers at full length", (), (("", "n" * 226 + ".pdf"), ("", "N" * 226 + ".pdf"), ("", "n" * 300 + ".pdf"))),
    ("length", (), (("", "\U0001f600" * 100 + ".pdf"), ("", "x" * 300), ("", "a." + "y" * 300))),
)


def names() -> dict[str, Any]:
    """What is saved under which path, given what is there."""
    cases = []
    for about, there, given in CASES:
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder)
            for name in there:
                (out / name).mkdir() if name.endswith("/") else (out / name).touch()
            cases.append(_case(about, there, given, out))
    return {"about": "FORMAT.md, Names when saving. `saved` is relative, in the order of `given`.", "cases": cases}


def _case(about: str, there: tuple[str, ...], given: tuple[tuple[str, str], ...], out: Path) -> dict[str, Any]:
    places = Places(out)
    taken = [places.take(safe_name(name), inside=safe_folder(inside)) for inside, name in given]
    return {
        "about": about,
        "there": list(there),
        "given": [{"folder": inside, "name": name} for inside, name in given],
        "saved": [path.relative_to(out).as_posix() for path in taken],
    }


if __name__ == "__main__":
    # In ASCII: an editor or a checkout that composes accents must not change what is told apart here.
    FILE.write_text(json.dumps(names(), indent=1) + "\n", encoding="ascii")
