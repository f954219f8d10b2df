"""The link of an invitation, and what both sides derive from its secret (FORMAT.md, "Invitations").

The server knows neither the secret nor the code over what was joined with; so it can put nobody in the place of who
holds the link. Who stole the link on its way can, and is found out by the six words.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from typing import ClassVar

from vault.boxes import hkdf
from vault.errors import VaultError
from vault.records.encoding import RecordError, fold_address, from_base64url, lp, to_base64url
from vault.sdk.keys.words import fingerprint
from vault.sdk.mailed_links import mend, split
from vault.secret import Secret

SECRET_SIZE, ROOT_SIZE = 32, 32
_SPELLED = 86


class InvitationUnavailableError(VaultError):
    """The invitation is mistyped, unknown, expired, used or revoked; outsiders cannot tell which."""

    code: ClassVar[str] = "link_unavailable"

    def __init__(self) -> None:
        super().__init__(
            "This invitation is not available.",
            advice="It may have expired, been used or revoked, or it was not copied whole. Ask the director for "
            "another one.",
        )


@dataclass(frozen=True, slots=True)
class InvitationLink:
    """The address of an invitation: `secret` is for the invited alone, `root` the SHA-256 of the practice's root."""

    base: str
    id: str
    secret: Secret = field(repr=False)
    root: bytes

    def to_string(self) -> str:
        """The text of the link. Secret until somebody has joined."""
        return f"{self.base}/i/{self.id}#{to_base64url(bytes(self.secret) + self.root)}"

    @property
    def possess(self) -> Secret:
        """The proof, for the server, that one holds the link."""
        return possess_of(self.secret)


@dataclass(frozen=True, slots=True)
class Newcomer:
    """What a director confirms of somebody who has joined."""

    id: str
    name: str
    email: str
    signing: bytes
    recipient: str


def parse_invitation(text: str) -> InvitationLink:
    """The link in `text`, as typed or as mail delivers it; raises InvitationUnavailableError."""
    found = split(mend(text), "i")
    if found is None or len(found[2] or "") != _SPELLED:
        raise InvitationUnavailableError
    base, id_, fragment = found
    try:
        whole = from_base64url(fragment or "")
    except RecordError:
        raise InvitationUnavailableError from None
    return InvitationLink(base, id_, Secret(whole[:SECRET_SIZE]), whole[SECRET_SIZE:])


def possess_of(secret: bytes) -> Secret:
    """The proof of possession; the server keeps its SHA-256."""
    return hkdf(secret, "vault/v1/invitation/possess")


def code_over(secret: bytes, practice: str, invitation: str, newcomer: Newcomer) -> bytes:
    """The link's code over everything that a director confirms, 32 bytes: HMAC-SHA-256."""
    told = lp(
        b"vault/v1/invitation/joined",
        practice.encode(),
        invitation.encode(),
        newcomer.id.encode(),
        newcomer.name.encode(),
        fold_address(newcomer.email).encode(),
        newcomer.signing,
        newcomer.recipient.encode(),
    )
    return hmac.digest(hkdf(secret, "vault/v1/invitation/joined"), told, hashlib.sha256)


def words_of(code: bytes) -> str:
    """The six words that both sides see, to compare aloud."""
    return fingerprint(code)
