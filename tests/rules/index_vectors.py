"""The cases of the index for `tests.rules.vectors`: how one follows another, its Merkle tree, the head it stands under."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from tests.records import practice, samples
from tests.records.practice import DIRECTOR, NOW, rosters
from vault.records.encoding import format_instant, parse_instant
from vault.records.envelope import Envelope
from vault.records.types.dossier import Grantee, holders_of
from vault.records.types.index import Index, Removal
from vault.rules import merkle
from vault.rules.indexes import Known, holds, listed_before, may_follow, stands_under
from vault.rules.rights import Heads
from vault.rules.verdict import Refused, Verdict

A, B, STONE = "aa" * 32, "bb" * 32, "70" * 32
LATE = NOW + timedelta(days=14)

Case = dict[str, Any]


def known(type_: str, subject: str = "5b" * 16, **facts: Any) -> Case:
    """What is known of a record: `pending`, `revoked`, `expires_at`, `tombstones`, and what a version says of itself."""
    none = {"pending": False, "revoked": False, "expires_at": None, "tombstones": []}
    if type_ in ("profile", "trajectory"):
        none |= {"version": 1, "previous": None, "roster": 1}
    return {"type": type_, "subject": subject, **none, **facts}


def coming(type_: str, **facts: Any) -> Case:
    return known(type_, pending=True, **facts)


def link(after: list[str], added: list[str] | None = None, *removed: Removal, **changes: Any) -> Envelope:
    """An index that lists `after`."""
    gone = tuple(sorted(removed, key=lambda each: each.hash))
    stated = {"root": merkle.root(after), "count": len(after), "added": tuple(added or ()), "removed": gone}
    return samples.index(**{"sequence": 2, "previous": "11" * 32, **stated, **changes})


def links() -> Iterator[tuple[str, list[str], dict[str, Case], Envelope]]:
    yield "nothing new", [A], {}, link([A])
    yield "an empty one after an empty one", [], {}, link([])
    yield "what is pending comes", [A], {B: coming("document")}, link([A, B], [B])
    yield "what is not there", [A], {}, link([A, B], [B])
    yield "what is not pending any more", [A], {B: known("document")}, link([A, B], [B])
    yield "what is listed already", [A], {A: coming("document")}, link([A], [A])
    for type_ in ("dossier", "index", "erasure"):
        yield f"{type_}: never listed", [A], {B: coming(type_)}, link([A, B], [B])
    yield "another root", [A], {}, link([A], root=merkle.root([B]))
    yield "another count", [A], {}, link([A], count=2)
    yield "something left out in silence", [A, B], {}, link([A])
    yield "something put in in silence", [A], {}, link([A, B])
    erased = Removal(A, "erased", STONE)
    gone = {A: known("document", tombstones=[STONE])}
    yield "a document, erased by a tombstone", [A], gone, link([], [], erased)
    yield "a document, erased by no tombstone", [A], {A: known("document")}, link([], [], erased)
    yield "a document that nobody knows", [A], {}, link([], [], erased)
    yield "what was not listed leaves", [B], gone, link([B], [], erased)
    for why in ("superseded", "revoked", "expired", "withdrawn", "ended", "forgotten"):
        by = format_instant(NOW) if why in ("revoked", "expired") else STONE
        facts = known("document", tombstones=[STONE], revoked=True, expires_at=format_instant(NOW))
        yield f"a document, {why}", [A], {A: facts}, link([], [], Removal(A, why, by))
    yield "what no index lists, erased", [A], {A: known("erasure", tombstones=[STONE])}, link([], [], erased)
    yield from _shares()
    yield from _versions()


def _shares() -> Iterator[tuple[str, list[str], dict[str, Case], Envelope]]:
    now, late = format_instant(NOW), format_instant(LATE)
    open_ = {A: known("share", expires_at=late)}
    revoked = {A: known("share", expires_at=late, revoked=True)}
    over = {A: known("share", expires_at=now)}
    yield "a share, revoked", [A], revoked, link([], [], Removal(A, "revoked", now))
    yield "a share that nobody revoked", [A], open_, link([], [], Removal(A, "revoked", now))
    yield "a share, revoked after the index was made", [A], revoked, link([], [], Removal(A, "revoked", late))
    yield "a share, revoked at no instant", [A], revoked, link([], [], Removal(A, "revoked", "today"))
    yield "a share, expired", [A], over, link([], [], Removal(A, "expired", now))
    yield "a share, expired at another time", [A], over, link([], [], Removal(A, "expired", late))
    soon = {A: known("share", expires_at=format_instant(NOW + timedelta(days=1)))}
    fast, by = {"at": LATE}, format_instant(NOW + timedelta(days=1))
    yield "a share, expired by the index's clock alone", [A], soon, link([], [], Removal(A, "expired", by), **fast)
    slow = {"at": NOW - timedelta(days=1)}
    yield "a share, expired by the server's clock alone", [A], over, link([], [], Removal(A, "expired", now), **slow)
    yield "a share that has not expired yet", [A], open_, link([], [], Removal(A, "expired", late))
    yield "a share, erased", [A], {A: known("share", tombstones=[STONE])}, link([], [], Removal(A, "erased", STONE))


def _versions() -> Iterator[tuple[str, list[str], dict[str, Case], Envelope]]:
    newer = Removal(A, "superseded", B)
    for type_ in ("profile", "trajectory"):
        next_ = {"version": 2, "previous": A}
        both = {A: known(type_), B: coming(type_, **next_)}
        other = {A: known(type_), B: coming(type_, subject="5c" * 16, **next_)}
        stone = {A: known(type_, tombstones=[STONE])}
        yield f"a {type_}, superseded", [A], both, link([B], [B], newer)
        yield f"a {type_}, superseded by another's", [A], other, link([B], [B], newer)
        yield f"a {type_}, superseded by what does not come", [A], both, link([], [], newer)
        yield f"a {type_}, superseded by what came before", [A, B], both, link([B], [], newer)
        yield f"a {type_}, erased", [A], stone, link([], [], Removal(A, "erased", STONE))
        for what, changes in (
            ("an older version", {"version": 1, "previous": None}),
            ("a version too far", {"version": 3, "previous": A}),
            ("a version of another past", {"version": 2, "previous": STONE}),
        ):
            wrong = {A: known(type_, version=2 if "older" in what else 1), B: coming(type_, **changes)}
            yield f"a {type_}, superseded by {what}", [A], wrong, link([B], [B], newer)
        old = {A: known(type_, roster=2), B: coming(type_, **next_)}
        yield f"a {type_}, superseded by a version on an older roster", [A], old, link([B], [B], newer)
        new = {A: known(type_), B: coming(type_, **next_, roster=2)}
        yield f"a {type_}, superseded by a version on a newer roster", [A], new, link([B], [B], newer)
        yield f"a second version of a {type_} beside the first", [A], both, link([A, B], [B])
        yield f"a first {type_} beside another", [A], {B: coming(type_, subject="5c" * 16)}, link([A, B], [B])
    yield (
        "superseded by another type",
        [A],
        {A: known("profile"), B: coming("trajectory", version=2, previous=A)},
        link([B], [B], newer),
    )


def follow(before: list[str], facts: dict[str, Case], envelope: Envelope) -> Verdict:
    """The verdict on an index that follows one which lists `before`."""
    rows = {
        hash_: Known(
            each["type"],
            each["subject"],
            pending=each["pending"],
            revoked=each["revoked"],
            expires_at=None if each["expires_at"] is None else parse_instant(each["expires_at"]),
            tombstones=frozenset(each["tombstones"]),
            **{name: each[name] for name in ("version", "previous", "roster") if name in each},
        )
        for hash_, each in facts.items()
    }
    return may_follow(Index.read(envelope), before, rows, NOW)


def backwards() -> Iterator[tuple[str, list[str], Envelope]]:
    yield "what came is taken back", [A, B], link([A, B], [B])
    yield "what went comes back", [A], link([A], [], Removal(B, "erased", STONE))
    yield "what is said to have come and is not there", [A], link([A], [B])
    yield "what is said to have gone and is there", [A, B], link([A, B], [], Removal(B, "erased", STONE))


def take_back(after: list[str], envelope: Envelope) -> tuple[str, list[str] | None]:
    """The verdict on what an index lists, and what the one before listed."""
    found = listed_before(Index.read(envelope), after)
    return (found.reason, None) if isinstance(found, Refused) else ("allowed", sorted(found))


def standings() -> Iterator[tuple[str, list[Envelope], Envelope]]:
    chain, one = rosters(), practice.head(rosters())
    made = link([A], head=one.hash)
    changes = {"version": 2, "previous": one.hash, "grantees": (DIRECTOR,), "index": made.hash}
    two = practice.head(chain, DIRECTOR, **changes, epoch=2, recipient="age1pq1new")
    yield "an index under the only head", [one], made
    yield "the index that the newest head accepts", [one, two], made
    yield "another index under an older head", [one, two], link([B], head=one.hash)
    yield "an index under a head that is not shown", [one], link([A], head=two.hash)
    yield "an index under the newest head, by one who lost the dossier", [one, two], link([A], head=two.hash)
    reader = (Grantee(practice.COACH, "assistant"), *holders_of((DIRECTOR,)))
    weaker = practice.head(chain, DIRECTOR, **{**changes, "grantees": reader})
    unknown = link([A], head=weaker.hash)
    yield "an index under the newest head, by a grantee in an unknown role", [one, weaker], unknown
    by_director = practice.write("index", Index.read(link([A], head=two.hash)).content(), DIRECTOR)
    yield "an index under the newest head, by one who holds it", [one, two], by_director


def stand(chain: Heads, envelope: Envelope) -> Verdict:
    """The verdict on the newest index beside the newest head, and on its signer."""
    index = Index.read(envelope)
    under = stands_under(index, chain.newest)
    return under if isinstance(under, Refused) else holds(index, chain)


def leaf(number: int) -> str:
    """A record hash for the tree's cases."""
    return hashlib.sha256(str(number).encode()).hexdigest()


def tree() -> dict[str, Any]:
    sizes = (0, 1, 2, 3, 4, 5, 7, 8, 9, 21)
    return {
        "about": "FORMAT.md, The index: the root over record hashes (RFC 9162, 2.1), and proofs that one is among them.",
        "roots": [
            {"records": records, "root": merkle.root(records)}
            for records in ([leaf(number) for number in range(count)] for count in sizes)
        ],
        "proofs": [
            {
                "name": name,
                "record": record,
                "root": root,
                "count": count,
                "position": proof.position,
                "path": [node.hex() for node in proof.path],
                "holds": merkle.proves(proof, record, root, count),
            }
            for name, record, root, count, proof in _proofs()
        ],
    }


def _proofs() -> Iterator[tuple[str, str, str, int, merkle.Proof]]:
    for count in (1, 2, 3, 5, 8):
        records = [leaf(number) for number in range(count)]
        for number, record in enumerate(sorted(records)):
            yield f"number {number} of {count}", record, merkle.root(records), count, merkle.prove(records, record)
    records = sorted(leaf(number) for number in range(6))
    root, record = merkle.root(records), records[2]
    proof = merkle.prove(records, record)
    short = merkle.prove(records, records[0])
    yield "another record", leaf(9), root, 6, proof
    yield "another root", record, merkle.root(records[:5]), 6, proof
    yield "another place", record, root, 6, dataclasses.replace(proof, position=3)
    yield "a place beyond the end", record, root, 6, dataclasses.replace(proof, position=6)
    yield "a place before the beginning", record, root, 6, dataclasses.replace(proof, position=-1)
    yield "fewer leaves", record, root, 2, dataclasses.replace(proof, position=0)
    yield "a shorter path", record, root, 6, dataclasses.replace(proof, path=proof.path[:-1])
    yield "a longer path", record, root, 6, dataclasses.replace(proof, path=(*proof.path, bytes(32)))
    yield "a path in another order", record, root, 6, dataclasses.replace(proof, path=proof.path[::-1])
    node = dataclasses.replace(short, path=short.path[1:])
    yield "a node that stands for a leaf", merkle.root(records[:2]), root, 3, node
