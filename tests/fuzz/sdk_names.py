"""Names that somebody else gave a file: whatever they are, what is saved stays in its folder and says what it is.

Promise: a safe name is one visible component of at most 230 bytes, no device, not hidden, without anything that turns
the text or steers a terminal, and is safe already; a safe folder leads nowhere else; numbering keeps all of this.
"""

from __future__ import annotations

import unicodedata
from pathlib import Path, PureWindowsPath

from tests.fuzz.pieces import Reader
from vault.sdk.device.names import (
    MAX_DEPTH,
    MAX_SAVED,
    MAX_SAVED_FOLDER,
    UnusableNameError,
    check_folder,
    check_name,
    numbered,
    safe_folder,
    safe_name,
)

LONGEST = 1200


def check(data: bytes) -> None:
    reader = Reader(data)
    number, text = (
        1 + reader.number(),
        reader.rest().decode("utf-8", "surrogatepass" if data[:1] == b"s" else "replace"),
    )
    name = safe_name(text)
    check_safe(name)
    assert safe_name(name) == name
    check_safe(numbered(name, number), longest=MAX_SAVED + 10)
    folder = safe_folder(text)
    assert not folder.is_absolute()
    assert ".." not in folder.parts
    for component in folder.parts:
        check_safe(component)
    check_kept(text)


def check_safe(name: str, longest: int = MAX_SAVED) -> None:
    assert 0 < len(name.encode()) <= longest
    assert Path(name).name == name
    assert PureWindowsPath(name).name == name
    assert not PureWindowsPath(name).is_reserved() if hasattr(PureWindowsPath, "is_reserved") else True
    assert name[0] not in ". "
    assert name[-1] not in ". "
    assert unicodedata.normalize("NFC", name) == name
    for character in name:
        assert unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Zl", "Zp"} or character in SEEN, name
        assert character not in '/\\:*?"<>|'


# They join letters of Persian, Indic scripts and emoji, or are signs that are seen.
SEEN = frozenset("\u200c\u200d\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd")


def check_kept(text: str) -> None:
    """What is accepted into metadata comes out of `safe_name` too."""
    try:
        assert check_name(text) == text
        text.encode()
    except UnusableNameError:
        pass
    try:
        check_folder(text)
    except UnusableNameError:
        return
    folder, asked = safe_folder(text), len([part for part in text.split("/") if part])
    assert len(folder.as_posix().encode()) <= MAX_SAVED_FOLDER
    assert len(folder.parts) <= min(asked, MAX_DEPTH)
    assert len(folder.parts) == asked or asked > MAX_DEPTH or len(text.encode()) > MAX_SAVED_FOLDER // 2


def seeds() -> dict[str, bytes]:
    names = {
        "plain": "Verslag van Jan (definitief).pdf",
        "path": "../../../etc/passwd",
        "windows": "C:\\Users\\CON.txt",
        "turned": "factuur\u202efdp.exe",
        "composed": "e\u0301e\u0301n.txt",
        "long": "lang" * 80 + ".tar.gz",
        "emoji": "\U0001f469\u200d\U0001f4bb.txt",
        "steering": "\x1b]0;titel\x07\x1b[31mrood",
        "dots": "...",
        "device": "com\u00b9.log",
        "unseen": "fac\u200btuur\u3164\U000e0065.pdf",
        "device-long": "com1." + "x" * 225,
        "deep": "a/" * 500 + "b",
        "folder": "map/sub map/nul/..",
    }
    return {name: b"\x02" + text.encode() for name, text in names.items()}
