"""Ten recovery codes: each takes the place of one one-time code, once (FORMAT.md, "Second factor")."""

from __future__ import annotations

import base64
import re
import secrets

from vault.totp import DIGITS

COUNT = 10
SIZE = 15  # bytes, 120 bits
LENGTH = 24
_GROUP = 4
_MEANT = str.maketrans("018", "olb")  # the alphabet has none of these digits
_CODE = re.compile(f"[a-z2-7]{{{LENGTH}}}")


def new_codes() -> tuple[str, ...]:
    """Ten codes of 24 letters and digits: base32 in lower case."""
    return tuple(base64.b32encode(secrets.token_bytes(SIZE)).decode("ascii").lower() for _ in range(COUNT))


def spaced(code: str) -> str:
    """The code for people: in groups of four."""
    return "-".join(code[start : start + _GROUP] for start in range(0, len(code), _GROUP))


def is_code(code: str) -> bool:
    """Whether it has the form of a one-time code or of a recovery code."""
    return bool(_CODE.fullmatch(code) or re.fullmatch(f"[0-9]{{{DIGITS}}}", code))


def read_code(typed: str) -> str:
    """A typed code as it is sent: a one-time code's digits, or a recovery code; what is neither as it was typed."""
    plain = re.sub(r"[\s-]", "", typed).lower()
    meant = plain.translate(_MEANT)
    return meant if _CODE.fullmatch(meant) else plain
