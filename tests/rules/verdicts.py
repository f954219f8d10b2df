"""What the makers of vectors share: the worlds of keys, and the word for what a rule says of a case."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.records.practice import COACH, DIRECTOR, NEW_ROOT, NOW, OTHER, member
from vault.records.envelope import Envelope
from vault.rules.rights import Heads, first_head
from vault.rules.rosters import Rosters, first
from vault.rules.verdict import Refused

FOLDER = Path(__file__).parents[1] / "vectors"
FORMER = "a director who left"
LEFT = (member(DIRECTOR, "director", until=NOW), member(COACH, "director"), member(OTHER))
AWAY = (member(DIRECTOR, "director"), member(COACH, until=NOW), member(OTHER))
SHEET = {"root": bytes(NEW_ROOT.verify_key), "recovery": "age1pq1new"}

Case = dict[str, Any]


def verdict_of(rule: Callable[[], object]) -> str:
    """`allowed`, the reason of a refusal, or the code of the error that a rule raised."""
    try:
        answer = rule()
    except Exception as error:
        code = getattr(error, "code", None)
        if code is None:
            raise
        return str(code)
    return answer.reason if isinstance(answer, Refused) else "allowed"


def hashes(envelopes: list[Envelope]) -> list[str]:
    return [envelope.hash for envelope in envelopes]


def by_hash(*chains: list[Envelope]) -> dict[str, Any]:
    """The records of these chains under their hashes."""
    return {envelope.hash: envelope.to_json() for chain in chains for envelope in chain}


def chain_of(envelopes: list[Envelope]) -> Rosters:
    chain = first(envelopes[0])
    for each in envelopes[1:]:
        chain = chain.append(each)
    return chain


def heads_of(heads: list[Envelope], chain: Rosters) -> Heads | None:
    if not heads:
        return None
    held = first_head(heads[0], chain)
    for each in heads[1:]:
        held = held.append(each, chain)
    return held


def content_of(envelope: Envelope) -> dict[str, Any]:
    return {name: value for name, value in envelope.fields.items() if name not in ("v", "type", "practice", "signer")}
