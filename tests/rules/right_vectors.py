"""The cases of `3-rights.json`: who may sign, what is in force, what may be shared."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from tests.records import practice, samples
from tests.records.practice import COACH, DIRECTOR, NOW, OTHER, member, next_roster, rosters
from tests.rules import installation_vectors
from tests.rules.verdicts import (
    AWAY,
    by_hash,
    chain_of,
    content_of,
    hashes,
    heads_of,
    verdict_of,
)
from vault.records.encoding import format_instant
from vault.records.envelope import Envelope, Signature, write
from vault.records.types.dossier import Grantee, holders_of
from vault.records.types.policy import Policy
from vault.records.types.share import Share
from vault.rules.rights import check_new, check_signer, in_force
from vault.rules.rosters import Rosters, first
from vault.rules.sharing import may_share


def rights() -> dict[str, Any]:
    return {
        "about": "FORMAT.md, Who may sign: what a reader accepts, and what may be added today (`new`).",
        "records": by_hash(
            *(chain for _, chain, _, _ in (*_in_force(), *_signing())), *(heads for _, _, heads, _ in _signing())
        ),
        "signing": [
            {
                "name": name,
                "type": envelope.kind,
                "rosters": hashes(chain),
                "heads": hashes(heads),
                "record": envelope.to_json(),
                "accepted": signing(envelope, chain, heads, new=False),
                "new": signing(envelope, chain, heads, new=True),
            }
            for name, chain, heads, envelope in _signing()
        ],
        "in_force": [
            {
                "name": name,
                "rosters": hashes(chain),
                "signer": signer,
                "pinned": pinned,
                "verdict": force(chain, signer, pinned=pinned),
            }
            for name, chain, signer, pinned in _in_force()
        ],
        "sharing": [
            {
                "name": name,
                "now": format_instant(NOW),
                "policy": practice.policy(rosters()).to_json(),
                "share": envelope.to_json(),
                "verdict": sharing(envelope),
            }
            for name, envelope in _sharing()
        ],
    }


def signing(envelope: Envelope, chain: list[Envelope], heads: list[Envelope], *, new: bool) -> str:
    """The verdict of a reader, or of who accepts a new record."""
    known_ = chain_of(chain)
    held = heads_of(heads, known_)
    rule = check_new if new else check_signer
    return verdict_of(lambda: rule(envelope, known_, held))


def _signing() -> Iterator[tuple[str, list[Envelope], list[Envelope], Envelope]]:
    one = practice.first_roster()
    chain = first(one)
    head = practice.head(chain)
    two = next_roster(chain)
    without = next_roster(chain, members=(member(DIRECTOR, "director"), member(COACH, until=NOW), member(OTHER)))
    new = {"version": 2, "previous": head.hash, "epoch": 2, "recipient": "age1pq1new"}
    lost = practice.head(chain, DIRECTOR, **new, grantees=(DIRECTOR,))
    made = practice.trajectory(chain)
    yield "a policy, by a director", [one], [], practice.policy(chain)
    yield "a policy, by a coach", [one], [], practice.policy(chain, COACH)
    yield "a trajectory, by a grantee", [one], [head], made
    yield "a trajectory, by a director", [one], [head], practice.trajectory(chain, DIRECTOR)
    yield "a trajectory, by a member who does not hold the dossier", [one], [head], practice.trajectory(chain, OTHER)
    yield "a trajectory of another dossier", [one], [head], practice.trajectory(chain, dossier="ff" * 16)
    yield "a trajectory without its dossier", [one], [], made
    yield "a trajectory on the roster before", [one, two], [head], made
    yield "a trajectory on a roster outside the chain", [one], [head], practice.trajectory(chain.append(two))
    yield "a trajectory by one who has left", [one, without], [head], practice.trajectory(chain.append(without))
    yield "a trajectory from before she left", [one, without], [head], made
    yield "a trajectory without days of grace, by a coach", [one], [head], practice.trajectory(chain, grace=False)
    short = practice.trajectory(chain, DIRECTOR, grace=False)
    yield "a trajectory without days of grace, by a director", [one], [head], short
    yield "a trajectory by one who lost the dossier", [one], [head, lost], made
    stranger = write("trajectory", content_of(made), practice="ff" * 16, signer=COACH, key=practice.KEYS[COACH])
    yield "a trajectory of another practice", [one], [head], stranger
    yield "a changed signature", [one], [head], dataclasses.replace(made, signatures=_changed(made))
    yield (
        "an unknown algorithm alone",
        [one],
        [head],
        dataclasses.replace(made, signatures=(Signature("x", COACH, b""),)),
    )
    yield (
        "an unknown algorithm beside a known one",
        [one],
        [head],
        dataclasses.replace(made, signatures=(*made.signatures, Signature("x", COACH, b""))),
    )
    yield "the same signature twice", [one], [head], dataclasses.replace(made, signatures=made.signatures * 2)
    for name, envelope in samples.every().items():
        if name not in ("roster", "policy", "dossier", "trajectory", "erasure"):
            yield f"{name}, as the table says", [one], [head], envelope
            by = DIRECTOR if name in ("tombstone", "certificate", "checkpoint") else OTHER
            yield (
                f"{name}, by a member without the right",
                [one],
                [head],
                practice.write(name, content_of(envelope), by),
            )
    for name in ("profile", "index", "share", "repair", "lock", "tombstone"):
        made = samples.every()[name]
        key = practice.INSTALLATION["ledger"] if name == "tombstone" else practice.KEYS[made.signer]
        yield (
            f"{name}, of a time that is none",
            [one],
            [head],
            practice.write(name, {**content_of(made), "at": "today"}, made.signer, key),
        )
    yield from installation_vectors.signing()
    yield "a roster has a chain of its own", [one], [head], one
    for basis in ("client", "staff"):
        for who, signer in (("a coach", COACH), ("a director", DIRECTOR)):
            yield (
                f"the dossier's erasure for {basis}, by {who}",
                [one],
                [head],
                samples.erasure(signer, documents=(), basis=basis),
            )
    yield "a document's erasure for staff, by a coach", [one], [head], samples.erasure(basis="staff")
    yield "an erasure, by a member who does not hold the dossier", [one], [head], samples.erasure(OTHER)
    yield from _by_a_new_director(one, chain, head)
    yield from _by_unknown_words(one, chain, head)


def _by_a_new_director(
    one: Envelope, chain: Rosters, head: Envelope
) -> Iterator[tuple[str, list[Envelope], list[Envelope], Envelope]]:
    """What only a director may do in a dossier asks for a director who holds it: an appointment alone gives no right."""
    two = next_roster(chain, members=(member(DIRECTOR, "director"), member(COACH), member(OTHER, "director")))
    then = chain.append(two)
    held = practice.head(then, version=2, previous=head.hash, grantees=(OTHER, COACH, DIRECTOR))
    asked = samples.erasure(OTHER, documents=(), basis="staff", standing=then.standing)
    short = practice.trajectory(then, OTHER, grace=False)
    for what, heads in (("before any head names her", [head]), ("whom a head names", [head, held])):
        yield f"the dossier's erasure for staff, by a new director {what}", [one, two], heads, asked
        yield f"a trajectory without days of grace, by a new director {what}", [one, two], heads, short
    old = samples.erasure(OTHER, documents=(), basis="staff")
    yield "the dossier's erasure for staff, from before she was a director", [one, two], [head, held], old


def _by_unknown_words(
    one: Envelope, chain: Rosters, head: Envelope
) -> Iterator[tuple[str, list[Envelope], list[Envelope], Envelope]]:
    """A role gives no right where it is unknown; a kind or basis is read, and no new record may say it."""
    helped = (member(DIRECTOR, "director"), member(COACH, "assistant"), member(OTHER))
    demoted = next_roster(chain, members=helped)
    read_only = practice.head(chain, DIRECTOR, grantees=(Grantee(COACH, "assistant"), *holders_of((DIRECTOR,))))
    later = practice.trajectory(chain.append(demoted))
    yield "a trajectory, by a member in an unknown role", [one, demoted], [head], later
    yield "a trajectory from before her role was unknown", [one, demoted], [head], practice.trajectory(chain)
    yield "a trajectory, by a grantee in an unknown role", [one], [read_only], practice.trajectory(chain)
    yield "a document of an unknown kind", [one], [head], samples.document(kind="another")
    yield "a share of an unknown kind", [one], [head], samples.share(kind="another")
    yield "a share in an unknown mode", [one], [head], samples.share(mode="another")
    for who, signer in (("a coach", COACH), ("a director", DIRECTOR)):
        asked = samples.erasure(signer, documents=(), basis="another")
        yield f"the dossier's erasure on an unknown basis, by {who}", [one], [head], asked
    yield "a document's erasure on an unknown basis", [one], [head], samples.erasure(basis="another")
    yield "a tombstone of an unknown kind and reason", [one], [], samples.tombstone(kind="another", reason="another")


def _in_force() -> Iterator[tuple[str, list[Envelope], str, bool]]:
    one = practice.first_roster()
    left = next_roster(first(one), members=AWAY)
    yield "by a member", [one], COACH, False
    yield "by one who has left", [one, left], COACH, False
    yield "by one who has left, seen before", [one, left], COACH, True
    yield "by nobody that a roster names", [one], "ff" * 16, False
    helped = (member(DIRECTOR, "director"), member(COACH, "assistant"), member(OTHER))
    demoted = next_roster(first(one), members=helped)
    yield "by a member in an unknown role", [one, demoted], COACH, False
    yield "by a member in an unknown role, seen before", [one, demoted], COACH, True


def force(chain: list[Envelope], signer: str, *, pinned: bool) -> str:
    """The verdict on a chain's newest record by that member."""
    return verdict_of(lambda: in_force(signer, chain_of(chain), pinned=pinned))


def _changed(envelope: Envelope) -> tuple[Signature, ...]:
    signature = envelope.signatures[0]
    return (dataclasses.replace(signature, sig=bytes([signature.sig[0] ^ 1]) + signature.sig[1:]),)


def _sharing() -> Iterator[tuple[str, Envelope]]:
    week, longest = {"expires_at": NOW + timedelta(days=7)}, NOW + timedelta(days=90, minutes=5)
    second = timedelta(seconds=1)
    yield "a copy for a week", samples.share(**week)
    yield "the shortest", samples.share(expires_at=NOW + second)
    yield "over already", samples.share(expires_at=NOW)
    yield "the longest, by a clock that is five minutes fast", samples.share(expires_at=longest)
    yield "a second longer", samples.share(expires_at=longest + second)
    yield "as many pick-ups as may be", samples.share(**week, max=100)
    yield "one pick-up more", samples.share(**week, max=101)
    yield "a copy of nothing", samples.share(**week, documents=())
    yield "a kind that is not offered", samples.share(**week, kind="drop")
    for kind in ("client", "review"):
        yield f"a {kind} link", samples.share(**week, kind=kind)
        yield f"a {kind} link of nothing", samples.share(**week, kind=kind, documents=())
    yield "to others without a consent, of nothing", samples.share(**week, kind="disclosure", documents=())
    yield "to others with a consent", samples.share(**week, kind="disclosure", consent="cc" * 32)
    yield "an unknown kind", samples.share(**week, kind="another")
    yield "to others without a consent", samples.share(**week, kind="disclosure")


def sharing(envelope: Envelope) -> str:
    """The verdict of the samples' policy at the samples' moment."""
    return verdict_of(lambda: may_share(Share.read(envelope), Policy.read(practice.policy(rosters())), NOW))
