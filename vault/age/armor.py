"""ASCII armor (age v1, "ASCII armor"): strict PEM, one spelling for each file."""

from __future__ import annotations

from binascii import Error as Base64Error
from binascii import a2b_base64, b2a_base64

from vault.age.errors import ArmorError

BEGIN = b"-----BEGIN AGE ENCRYPTED FILE-----"
END = b"-----END AGE ENCRYPTED FILE-----"

_COLUMNS = 64
_LINE_BYTES = 48
_MAX_WHITESPACE = 1024
_LONGEST_LINE = 128
_WHITESPACE = b" \t\r\n"


def is_armored(beginning: bytes) -> bool:
    """True when a file with this beginning is meant to be armored, even if badly; 2 KiB of it are enough."""
    return beginning.lstrip(_WHITESPACE).startswith(b"-----") or BEGIN in beginning


def encode(content: bytes) -> bytes:
    """Return the armored text of a whole file."""
    armorer = Armorer()
    return armorer.update(content) + armorer.finish()


def decode(text: bytes) -> bytes:
    """Return the file inside armored text; raise ArmorError for anything but strict armor."""
    dearmorer = Dearmorer()
    return dearmorer.update(text) + dearmorer.finish()


class Armorer:
    """Armors a file piece by piece."""

    def __init__(self) -> None:
        self._pending = b""
        self._opening = BEGIN + b"\n"

    def update(self, piece: bytes | memoryview) -> bytes:
        """Take the next piece; return the lines that are complete."""
        content = b"".join((self._pending, piece))
        whole = len(content) - len(content) % _LINE_BYTES
        self._pending = content[whole:]
        opening, self._opening = self._opening, b""
        return opening + _wrapped(b2a_base64(content[:whole], newline=False))

    def finish(self) -> bytes:
        """Return the last lines."""
        return self._opening + _wrapped(b2a_base64(self._pending, newline=False)) + END + b"\n"


class Dearmorer:
    """Takes the armor off piece by piece; bytes returned before an error are the file's own."""

    def __init__(self) -> None:
        self._pending = b""
        self._step = self._before
        self._whitespace = 0
        self._short_line = False

    def update(self, piece: bytes) -> bytes:
        """Take the next piece of text; return the bytes of its complete lines. Raises ArmorError."""
        self._pending += piece
        content = []
        step = None
        while step != self._step:
            step = self._step
            content.append(step())
        return b"".join(content)

    def finish(self) -> bytes:
        """End the text; return its last bytes. Raises ArmorError when the end line is missing."""
        content = self.update(b"\n") if self._pending else b""
        if self._step != self._after:
            raise ArmorError("the armor has no end")
        return content

    def _skip_whitespace(self) -> None:
        stripped = self._pending.lstrip(_WHITESPACE)
        self._whitespace += len(self._pending) - len(stripped)
        self._pending = stripped
        if self._whitespace > _MAX_WHITESPACE:
            raise ArmorError("there is too much white space around the armor")

    def _before(self) -> bytes:
        self._skip_whitespace()
        line, newline, rest = self._pending.partition(b"\n")
        if not newline:
            if len(line) > _LONGEST_LINE:
                raise ArmorError("the armor does not begin as it should")
            return b""
        if line.removesuffix(b"\r") != BEGIN:
            raise ArmorError("the armor does not begin as it should")
        self._pending = rest
        self._step = self._inside
        return b""

    def _inside(self) -> bytes:
        """Decode all complete lines at once: line by line a gigabyte would take a minute."""
        text, dash, end = self._pending.partition(b"-")
        whole = text.rfind(b"\n") + 1
        if dash and whole != len(text):
            raise ArmorError("the armor holds a line that is not Base64")
        content = self._decode_lines(text[:whole].replace(b"\r\n", b"\n"))
        self._pending = text[whole:] + dash + end
        if dash:
            self._step = self._closing
        elif len(self._pending) > _LONGEST_LINE:
            raise ArmorError("the armor holds a line of more than 64 columns")
        return content

    def _decode_lines(self, lines: bytes) -> bytes:
        """Decode complete lines of 64 columns; only the file's last line may be shorter, and it is never empty."""
        if not lines:
            return b""
        text = lines.replace(b"\n", b"")
        if self._short_line or lines != _wrapped(text):
            raise ArmorError("the armor holds a line that is empty, or has not 64 columns")
        self._short_line = len(text) % _COLUMNS != 0 or text.endswith(b"=")
        try:
            content = a2b_base64(text)
        except Base64Error:
            raise ArmorError("the armor holds a line that is not Base64") from None
        if b2a_base64(content, newline=False) != text:
            raise ArmorError("the armor holds Base64 that is not canonical")
        return content

    def _closing(self) -> bytes:
        line, newline, rest = self._pending.partition(b"\n")
        if not newline:
            if len(line) > _LONGEST_LINE:
                raise ArmorError("the armor does not end as it should")
            return b""
        if line.removesuffix(b"\r") != END:
            raise ArmorError("the armor does not end as it should")
        self._pending = rest
        self._whitespace = 0
        self._step = self._after
        return b""

    def _after(self) -> bytes:
        self._skip_whitespace()
        if self._pending:
            raise ArmorError("something follows the armor's end")
        return b""


def _wrapped(text: bytes) -> bytes:
    """Return the text in lines of 64 columns, each with its newline; the empty text has no line."""
    return b"".join(text[start : start + _COLUMNS] + b"\n" for start in range(0, len(text), _COLUMNS))
