"""Deposits in parts (FORMAT.md, "Deposits"): what a document's record may say after its intent, and of which body."""

from __future__ import annotations

import hmac
from collections.abc import Sequence

from vault.records.types.document import Document, body_digest, segment_count
from vault.records.types.intent import Intent
from vault.rules.rights import is_older
from vault.rules.verdict import ALLOWED, Refused, Verdict


def completes(document: Document, intent: Intent) -> Verdict:
    """Whether a document's record is of the deposit that its intent began: the same in all that the intent says.

    It may stand on a newer roster: people come and go while a large body is under way.
    """
    said = {**intent.reserved(), "standing": document.standing}
    if document.reserved() != said or document.signer != intent.signer or is_older(document.standing, intent.standing):
        return Refused("conflict")
    return ALLOWED


def is_body(document: Document, segments: Sequence[bytes]) -> Verdict:
    """Whether segments with these SHA-256, in order, are the body that the record states."""
    whole = len(segments) == segment_count(document.size)
    if not whole or not hmac.compare_digest(body_digest(segments), document.digest):
        return Refused("digest_mismatch")
    return ALLOWED
