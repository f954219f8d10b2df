"""The recovery sheet's secret: 32 bytes on paper, and the three keys derived from them (FORMAT.md, "Keys")."""

from __future__ import annotations

import html
import re
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nacl.signing import SigningKey

from vault.boxes import hkdf
from vault.errors import InvalidInputError
from vault.sdk.keys.words import WordsError, decode, encode, split
from vault.secret import Secret

if TYPE_CHECKING:
    from vault.age import HybridIdentity

SEED_SIZE = 32
WORDS = 24
MAX_SHEET = 4_194_304
_TAG = re.compile(r"<(script|style|svg)\b.*?</\1>|<[^>]*>", re.DOTALL | re.IGNORECASE)
_NUMBERED = re.compile(r"(?<![\w-])(\d{1,2})[.)\s]\s*([^\W\d_]+)")


class SheetError(InvalidInputError):
    """No recovery sheet was found in the text, or one of its words is mistyped."""

    code = "sheet_invalid"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet's seed, from which all its keys are derived."""

    seed: Secret

    @property
    def root(self) -> SigningKey:
        """The key that signs roster 1 and recovery rosters."""
        return SigningKey(bytes(hkdf(self.seed, "vault/v1/sheet/root")))

    @property
    def root_key(self) -> bytes:
        """The root's public key, 32 bytes."""
        return self.root.verify_key.encode()

    @property
    def login(self) -> Secret:
        """The secret that signs in without a password."""
        return hkdf(self.seed, "vault/v1/sheet/login")

    @property
    def identity(self) -> HybridIdentity:
        """The identity that opens the sheet's copy of a director's keyring."""
        from vault.age import HybridIdentity  # noqa: PLC0415 - loads `cryptography`

        return HybridIdentity(bytes(hkdf(self.seed, "vault/v1/sheet/recovery")))

    @property
    def words(self) -> tuple[str, ...]:
        """The 24 words to print. Secret."""
        return tuple(encode(bytes(self.seed)))


def new_sheet() -> Sheet:
    """A new random sheet."""
    return Sheet(Secret(secrets.token_bytes(SEED_SIZE)))


def read_sheet(text: str) -> Sheet:
    """The sheet from a rendered file, or from 24 typed words; raises SheetError."""
    plain = html.unescape(_TAG.sub(" ", text)) if "<" in text else text
    numbered = {int(number): word for number, word in _NUMBERED.findall(plain)}
    found = [numbered[n] for n in range(1, WORDS + 1)] if set(range(1, WORDS + 1)) <= set(numbered) else split(plain)
    if len(found) != WORDS:
        raise SheetError(f"a recovery sheet has {WORDS} words, here are {len(found)}")
    try:
        return Sheet(Secret(decode(found)))
    except WordsError as error:
        raise SheetError(
            "the words of the recovery sheet do not belong together", advice="Compare them with the paper, one by one."
        ) from error
