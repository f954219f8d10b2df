"""Whether a signed file is of a practice that its reader knows, by its id or by the fingerprint of one of its roots."""

from __future__ import annotations

import hashlib

from vault.rules.rosters import Rosters
from vault.sdk.checks import Findings
from vault.sdk.keys.words import fingerprint as words_of
from vault.sdk.keys.words import normalise_passphrase

PRACTICE = "practice"
# The finding of who is neither of a practice nor knows the fingerprint of one.
UNKNOWN = "practice_unknown"


def check_practice(chain: Rosters, practice: str | None, fingerprint: str | None, findings: Findings) -> None:
    """A file proves something only about a practice that the reader knows: anybody can sign one of her own making.

    `fingerprint` are the six words of a root, or its SHA-256 in hex.
    """
    findings.passed(PRACTICE)
    if practice is None and fingerprint is None:
        findings.failed(PRACTICE, UNKNOWN)
    if practice is not None and practice != chain.newest.practice:
        findings.failed(PRACTICE, "other_practice")
    if fingerprint is not None and not any(_is_of(fingerprint, root) for root in chain.roots):
        findings.failed(PRACTICE, "other_fingerprint")


def _is_of(fingerprint: str, root: bytes) -> bool:
    """Whether six words, or SHA-256 in hex, typed as a passphrase is, are the root key's."""
    return normalise_passphrase(fingerprint) in {words_of(root).encode(), hashlib.sha256(root).hexdigest().encode()}
