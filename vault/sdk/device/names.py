"""Names of files: checked when a document is deposited, made harmless when it is saved.

A name chosen by another person must not lead out of the folder, hide the file's type, name a device, or look like an
option to a command with `*` (FORMAT.md, "Names when saving").
"""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

from vault.errors import InvalidInputError
from vault.records.encoding import size_of

# Leaves room for " (99)" and for the suffix of a temporary file, within the 255 bytes that file systems allow.
MAX_SAVED = 230
MAX_NAME = 1000
MAX_FOLDER = 4000
# Limits of a folder made on saving: far beyond real nesting, well within the limit of a path.
MAX_DEPTH = 32
MAX_SAVED_FOLDER = 1024
_MAX_EXTENSION = 20

_FORBIDDEN = re.compile(r'[/\\:*?"<>|\x00-\x1f\x7f]')
# Invisible letters and signs: fillers of Hangul, Khmer and Braille, and the grapheme joiner.
_UNSEEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
# Allowed among the characters for formatting, direction and line ends: these shape letters and emoji, or are visible.
_SHAPING = frozenset(
    "\u200c\u200d\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"
)
_FORMATTING = frozenset({"Cc", "Cf", "Zl", "Zp"})
# Category Zs; what else a language calls white space was taken out before.
_BLANK = " \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
_ENDS = f".{_BLANK}"
_IGNORED = re.compile("[\u200c\u200d]")  # HFS+ ignores both when it compares names
_RESERVED = re.compile(
    r"(?:con|prn|aux|nul|conin\$|conout\$|com[0-9\u00b9\u00b2\u00b3]|lpt[0-9\u00b9\u00b2\u00b3])\Z",
    re.IGNORECASE | re.ASCII,
)


class UnusableNameError(InvalidInputError):
    """The name of a file or folder cannot be kept."""

    code = "name_invalid"


def check_name(name: str) -> str:
    """The name for the metadata: one component, any text without NUL, separators and lone surrogates."""
    if name in ("", ".", "..") or size_of(name) > MAX_NAME:
        raise UnusableNameError(f"a name must have 1 to {MAX_NAME} bytes and name a file")
    if any(character in "/\\\x00" for character in name):
        raise UnusableNameError("a name must not hold a path separator or NUL")
    if any("\ud800" <= character <= "\udfff" for character in name):
        raise UnusableNameError("a name must be readable as UTF-8")
    return name


def check_folder(folder: str) -> str:
    """The folder for the metadata: names joined by `/`, or empty."""
    if size_of(folder) > MAX_FOLDER:
        raise UnusableNameError(f"a folder may have {MAX_FOLDER} bytes")
    if folder:
        for component in folder.split("/"):
            check_name(component)
    return folder


def safe_name(name: str) -> str:
    """The name for saving a file: one component, visible, no device, no option, at most MAX_SAVED bytes.

    Idempotent: a safe name is returned unchanged.
    """
    text = unicodedata.normalize("NFC", "".join(_harmless(character) for character in name))
    text = _FORBIDDEN.sub("_", text).strip(_BLANK)
    text = re.sub(r"\A[.-]+", "_", text).rstrip(_ENDS)
    text = _shortened(text) or "document"
    return _shortened(f"_{text}") if _RESERVED.match(text.split(".")[0].rstrip(_BLANK)) else text


def safe_folder(folder: str) -> Path:
    """The relative folder for saving a file, every component made safe; deeper components are dropped.

    At most MAX_DEPTH folders, and MAX_SAVED_FOLDER bytes of UTF-8 together.
    """
    components: list[str] = []
    room = MAX_SAVED_FOLDER
    for component in (safe_name(each) for each in folder.split("/") if each):
        room -= len(component.encode()) + 1
        if room < 0 or len(components) == MAX_DEPTH:
            break
        components.append(component)
    return Path(*components)


def numbered(name: str, number: int) -> str:
    """`report.pdf` as `report (2).pdf`; number 1 is the name itself."""
    if number == 1:
        return name
    stem, extension = _split(name)
    return f"{stem} ({number}){extension}"


class Places:
    """Assigns names within one folder, none twice and none that exists, not even names that a disk treats as equal.

    A sub-folder whose name is taken by a file gets a number too: else nothing could be saved in it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._taken: dict[Path, set[str]] = {}
        self._folders: dict[tuple[Path, str], Path] = {}

    def take(self, name: str, *, inside: Path | None = None, suffix: str = "") -> Path:
        """A free path for `name` plus `suffix`, in the folder or its sub-folder `inside`."""
        folder = self.folder
        for component in inside.parts if inside is not None else ():
            folder = self._sub_folder(folder, component)
        return folder / self._free(folder, name, suffix)

    def _sub_folder(self, parent: Path, name: str) -> Path:
        """The sub-folder of this name: existing, assigned before, or new."""
        key = (parent, _folded(name))
        if key not in self._folders:
            there = (parent / name).is_dir()
            self._folders[key] = parent / (name if there else self._free(parent, name, ""))
        return self._folders[key]

    def _free(self, folder: Path, name: str, suffix: str) -> str:
        taken = self._taken.setdefault(folder, _present(folder))
        number = 1
        while (key := _folded(numbered(name, number) + suffix)) in taken:
            number += 1
        taken.add(key)
        return numbered(name, number) + suffix


def _present(folder: Path) -> set[str]:
    return {_folded(entry.name) for entry in folder.iterdir()} if folder.is_dir() else set()


def _folded(name: str) -> str:
    """One key for all names that some disk treats as equal: by case, by composed accents, by ignored joiners.

    It joins more names than any single disk does (`ß` and `ss`), which only costs a number in a name.
    """
    decomposed = unicodedata.normalize("NFD", _IGNORED.sub("", name))
    return unicodedata.normalize("NFD", decomposed.upper().casefold())


def _harmless(character: str) -> str:
    category = unicodedata.category(character)
    if character in _UNSEEN or (category in _FORMATTING and character not in _SHAPING):
        return ""
    return "_" if category == "Cs" else character


def _split(name: str) -> tuple[str, str]:
    at = name.rfind(".")
    if 0 < at < len(name) - 1 and len(name) - at <= _MAX_EXTENSION:
        return name[:at], name[at:]
    return name, ""


def _shortened(name: str) -> str:
    """The name cut to MAX_SAVED bytes of UTF-8, with its extension, at a character boundary."""
    if len(name.encode()) <= MAX_SAVED:
        return name
    stem, extension = _split(name)
    room = MAX_SAVED - len(extension.encode())
    return stem.encode()[:room].decode(errors="ignore").rstrip(_ENDS) + extension
