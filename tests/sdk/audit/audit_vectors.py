"""Makes `tests/vectors/10-audit.json`: hashes of an audit, and what a reader finds in an audit file.

`python -m tests.sdk.audit.audit_vectors` writes it anew. `failed` are the words for what was found; none: it holds.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.records import practice, samples
from tests.records.practice import COACH, DIRECTOR, DOSSIER, NOW, PRACTICE, ROOT, rosters
from vault.records.encoding import format_instant, parse_instant, to_base64url
from vault.records.strict_json import dump
from vault.records.types.checkpoint import Checkpoint, heads_digest, leaf
from vault.rules.audit_entries import GENESIS, details_digest, entry_hash
from vault.sdk.audit.verification import verify_file
from vault.sdk.keys.words import fingerprint

FILE = Path(__file__).parents[2] / "vectors" / "10-audit.json"
OTHER = "ee" * 16
ACTS = (
    ("dossier_opened", COACH, {}),
    ("document_stored", COACH, {"document": samples.DOCUMENT}),
    ("share_made", DIRECTOR, {"share": samples.SHARE, "kind": "copy"}),
    ("picked_up", "link", {"share": samples.SHARE}),
    ("erasure_begun", "worker", {"erasure": "e5" * 16}),
)


def entries() -> list[dict[str, Any]]:
    """A chain, an act a minute."""
    made, previous = [], GENESIS
    for number, (event, actor, ids) in enumerate(ACTS, start=1):
        details = dump({"salt": to_base64url(bytes([number]) * 16), **ids})
        at, digest = NOW + timedelta(minutes=number), details_digest(details)
        hash_ = entry_hash(DOSSIER, number, previous, at, event, actor, digest)
        said = {"sequence": number, "previous": previous, "hash": hash_, "at": format_instant(at), "event": event}
        made.append({**said, "actor": actor, "digest": digest, "details": to_base64url(details)})
        previous = hash_
    return made


def leaves(of: list[dict[str, Any]]) -> list[bytes]:
    """This chain and another's, in the order of their dossiers' ids."""
    return [leaf(DOSSIER, of[-1]["sequence"], of[-1]["hash"]), leaf(OTHER, 7, "aa" * 32)]


def checkpoints(over: list[bytes], *, first: int = 1) -> list[dict[str, Any]]:
    """Two in a row, an hour apart, the second over these leaves."""
    made, previous = [], None if first == 1 else "ab" * 32
    for number in (first, first + 1):
        heads = heads_digest(over if number > first else over[1:])
        at, count = NOW + timedelta(hours=number), len(over) if number > first else 1
        record = Checkpoint(rosters().standing, number, previous, count, heads, 0, at)
        envelope = samples.by_installation("checkpoint", record.content())
        made.append(envelope.to_json())
        previous = envelope.hash
    return made


def checkpoint_of(whole: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """The first checkpoint of all, over the leaves of that file, but for the changes."""
    over = heads_digest(leaves(whole["entries"]))
    return samples.checkpoint(**{"chains": 2, "heads": over, "at": NOW + timedelta(hours=1), **changes}).to_json()


def base() -> dict[str, Any]:
    chain = entries()
    return {
        "v": 1,
        "dossier": DOSSIER,
        "entries": chain,
        "checkpoints": checkpoints(leaves(chain)),
        "leaves": to_base64url(b"".join(leaves(chain))),
        "rosters": [practice.first_roster().to_json()],
    }


def files() -> Iterator[tuple[str, str | None, dict[str, Any]]]:
    """Name, what its reader knows (an id, six words or nothing), and the file."""
    whole = base()
    yield "a file that holds", PRACTICE, whole
    yield "read by somebody who knows no practice", None, whole
    yield "read by somebody with the six words", fingerprint(bytes(ROOT.verify_key)), whole
    yield "read by somebody with the words of another", fingerprint(bytes(32)), whole
    yield "of another practice", "ff" * 16, whole
    yield "without any checkpoint yet", PRACTICE, {**whole, "checkpoints": [], "leaves": ""}
    yield "no acts", PRACTICE, {**whole, "entries": []}
    yield "another member of the file", PRACTICE, {**whole, "more": 1}
    yield "another version", PRACTICE, {**whole, "v": 2}
    yield "half a leaf", PRACTICE, {**whole, "leaves": to_base64url(bytes(16))}
    yield "no roster", PRACTICE, {**whole, "rosters": []}
    forged = practice.write("roster", practice.roster().content(), "root", practice.NEW_ROOT).to_json()
    yield "a roster that another root signed", PRACTICE, {**whole, "rosters": [forged]}
    yield "leaves that were not signed", PRACTICE, {**whole, "leaves": to_base64url(bytes(64))}
    one = checkpoint_of(whole, chains=3)
    yield "as many leaves as it digests, and fewer than it counts", PRACTICE, {**whole, "checkpoints": [one]}
    yield "a checkpoint left out", PRACTICE, {**whole, "checkpoints": [whole["checkpoints"][0], *_later(whole)]}
    by_member = practice.write("checkpoint", _content(samples.checkpoint()), DIRECTOR).to_json()
    yield "a checkpoint by a member", PRACTICE, {**whole, "checkpoints": [by_member]}
    for name, change in CHANGES.items():
        made = copy.deepcopy(whole)
        change(made["entries"])
        yield name, PRACTICE, made


def _later(whole: dict[str, Any]) -> list[dict[str, Any]]:
    return checkpoints(leaves(whole["entries"]), first=3)[1:]


def _content(envelope: Any) -> dict[str, Any]:
    return {name: value for name, value in envelope.fields.items() if name not in ("v", "type", "practice", "signer")}


def _put_in(chain: list[dict[str, Any]]) -> None:
    """An act of before the checkpoint, which does not know it."""
    at, digest = NOW + timedelta(minutes=9), details_digest(b"{}")
    previous = chain[-1]["hash"]
    hash_ = entry_hash(DOSSIER, 6, previous, at, "share_made", COACH, digest)
    said = {"sequence": 6, "previous": previous, "hash": hash_, "at": format_instant(at), "event": "share_made"}
    chain.append({**said, "actor": COACH, "digest": digest, "details": None})


def _from_another(chain: list[dict[str, Any]], number: int = 3) -> None:
    """From that act on a chain that hashes as it should, and goes on from another act than the one before."""
    previous = "ab" * 32
    for one in chain[number - 1 :]:
        said = (one["sequence"], previous, parse_instant(one["at"]), one["event"], one["actor"], one["digest"])
        one.update(previous=previous, hash=entry_hash(DOSSIER, *said))
        previous = one["hash"]


CHANGES: dict[str, Any] = {
    "an act that goes on from another": _from_another,
    "a first act that goes on from another": lambda chain: _from_another(chain, 1),
    "details that were deleted": lambda chain: [each.update(details=None) for each in chain],
    "details that were changed": lambda chain: chain[1].update(details=to_base64url(b'{"salt":"x"}')),
    "another actor": lambda chain: chain[2].update(actor=COACH),
    "another event": lambda chain: chain[2].update(event="share_revoked"),
    "another time": lambda chain: chain[2].update(at="2026-11-23T10:00:00Z"),
    "another hash": lambda chain: chain[2].update(hash="00" * 32),
    "an act left out": lambda chain: chain.pop(2),
    "two acts in another order": lambda chain: chain.insert(1, chain.pop(2)),
    "an act twice": lambda chain: chain.insert(2, dict(chain[2])),
    "the first left out": lambda chain: chain.pop(0),
    "the end cut off, below the checkpoint": lambda chain: chain.pop(),
    "an act of before the checkpoint put in behind it": _put_in,
}


def knowledge(known: str | None) -> dict[str, str | None]:
    """The practice's id, or the fingerprint of its root."""
    words = known is not None and " " in known
    return {"practice": None if words else known, "fingerprint": known if words else None}


def failed(file: dict[str, Any], known: str | None) -> list[str]:
    """The words for what a reader finds who knows that practice."""
    return sorted(check.finding for check in verify_file(dump(file), **knowledge(known)) if not check.ok)


def vectors() -> dict[str, Any]:
    chain = entries()
    return {
        "about": "FORMAT.md, Audit: hashes; and what a reader who knows `practice` finds wrong in an audit file.",
        "genesis": GENESIS,
        "entries": [
            {"dossier": DOSSIER, **{name: each[name] for name in each if name != "details"}, "details": each["details"]}
            for each in chain
        ],
        "leaf": {"dossier": DOSSIER, "sequence": 5, "hash": chain[-1]["hash"], "leaf": leaves(chain)[0].hex()},
        "heads": {"leaves": [each.hex() for each in leaves(chain)], "heads": heads_digest(leaves(chain))},
        "files": [
            {"name": name, **knowledge(known), "file": dump(file).decode(), "failed": failed(file, known)}
            for name, known, file in files()
        ],
    }


if __name__ == "__main__":
    FILE.write_text(json.dumps(vectors(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
