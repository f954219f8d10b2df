"""The header as text (age v1, "Header"): stanzas, their strict grammar, the MAC's place. It knows no cryptography."""

from __future__ import annotations

from binascii import Error as Base64Error
from binascii import a2b_base64, b2a_base64
from typing import NamedTuple

from vault.age.errors import HeaderError

INTRO = b"age-encryption.org/v1\n"
MAC_SIZE = 32
# The specification sets no limit; 10,000 hybrid stanzas fit into this one, and a hostile header cannot fill memory.
MAX_HEADER_SIZE = 16 * 1024 * 1024

_COLUMNS = 64
_END = b"---"


class Stanza(NamedTuple):
    """One recipient stanza: the file key, wrapped for one recipient of one type."""

    type: str
    args: tuple[str, ...]
    body: bytes

    def to_bytes(self) -> bytes:
        """Return the stanza's lines; the last body line is always shorter than 64 columns, and may be empty."""
        text = encode_unpadded(self.body)
        lines = [text[start : start + _COLUMNS] for start in range(0, len(text) + 1, _COLUMNS)]
        return "\n".join([" ".join(["->", self.type, *self.args]), *lines, ""]).encode("ascii")


class Header(NamedTuple):
    """A parsed header; `authenticated` are the exact bytes its MAC covers, up to and including `---`."""

    stanzas: tuple[Stanza, ...]
    mac: bytes
    authenticated: bytes

    def to_bytes(self) -> bytes:
        """Return the header as it stands in the file."""
        return b"%b %b\n" % (self.authenticated, encode_unpadded(self.mac).encode("ascii"))

    @property
    def size(self) -> int:
        """How many bytes the header takes in the file; the payload's nonce follows."""
        return len(self.to_bytes())


def encode_unpadded(content: bytes) -> str:
    """Return standard Base64 without its padding."""
    return b2a_base64(content, newline=False).decode("ascii").rstrip("=")


def decode_unpadded(text: bytes) -> bytes:
    """Return the bytes of canonical Base64 without padding; raise HeaderError for any other spelling of them."""
    padded = text + b"=" * (-len(text) % 4)
    try:
        content = a2b_base64(padded)
    except Base64Error:
        raise HeaderError("the header holds text that is not Base64") from None
    if text.endswith(b"=") or b2a_base64(content, newline=False) != padded:
        raise HeaderError("the header holds Base64 that is not canonical")
    return content


def authenticated_part(stanzas: tuple[Stanza, ...]) -> bytes:
    """Return the header up to and including `---`, the input of its MAC."""
    return b"".join([INTRO, *(stanza.to_bytes() for stanza in stanzas), _END])


def read_header(content: bytes) -> Header:
    """Parse the header at the start of `content`; `size` of the result says where it ends.

    Raises HeaderError when it is malformed, cut off, or longer than MAX_HEADER_SIZE.
    """
    header = read_header_prefix(content)
    if header is None:
        raise HeaderError("the file ends inside its header")
    return header


def read_header_prefix(content: bytes) -> Header | None:
    """Parse the header at the start of the bytes read so far; None means that more are needed.

    Raises HeaderError as soon as no continuation can be an age v1 header.
    """
    if content[: len(INTRO)] != INTRO[: len(content)]:
        raise HeaderError("this is not an age file, or one of a later version")
    end = content.find(b"\n" + _END, 0, MAX_HEADER_SIZE) + 1
    stop = content.find(b"\n", end, MAX_HEADER_SIZE) if end else -1
    if stop < 0:
        if len(content) >= MAX_HEADER_SIZE:
            raise HeaderError("the header is too long")
        return None
    lines = content[len(INTRO) : end].split(b"\n")[:-1]
    return Header(_read_stanzas(lines), _read_mac(content[end:stop]), content[: end + len(_END)])


def _read_mac(line: bytes) -> bytes:
    if line[len(_END) : len(_END) + 1] != b" ":
        raise HeaderError("the header's last line is malformed")
    mac = decode_unpadded(line[len(_END) + 1 :])
    if len(mac) != MAC_SIZE:
        raise HeaderError("the header's MAC has the wrong length")
    return mac


def _read_stanzas(lines: list[bytes]) -> tuple[Stanza, ...]:
    stanzas = []
    rest = iter(lines)
    for line in rest:
        words = _read_words(line)
        body = []
        for body_line in rest:
            if len(body_line) > _COLUMNS:
                raise HeaderError("a line of a stanza is longer than 64 columns")
            body.append(decode_unpadded(body_line))
            if len(body_line) < _COLUMNS:
                break
        else:
            raise HeaderError("a stanza does not end with a short line")
        stanzas.append(Stanza(words[0], tuple(words[1:]), b"".join(body)))
    if not stanzas:
        raise HeaderError("the header names no recipient")
    return tuple(stanzas)


def _read_words(line: bytes) -> list[str]:
    """Return the type and arguments of a stanza's first line: words of printable ASCII, one space between them."""
    arrow, *words = line.split(b" ")
    if arrow != b"->" or not words:
        raise HeaderError("a line stands where a stanza should begin")
    if not all(word and min(word) > ord(" ") and max(word) <= ord("~") for word in words):
        raise HeaderError("a stanza's first line is malformed")
    return [word.decode("ascii") for word in words]
