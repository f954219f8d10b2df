"""Makes `tests/vectors/9-evidence.json`: whether a tombstone is believed by the evidence beside it.

`python -m tests.rules.evidence_vectors` writes it anew. A case says the rosters, the evidence, the tombstone, and the
verdict: `allowed`, or the code of the refusal. The tombstone's own signature holds in every case.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from tests.records import practice, samples
from tests.records.practice import COACH, DIRECTOR, DOSSIER, NOW, OTHER, TODAY, member, next_roster, rosters
from tests.records.samples import DOCUMENT
from tests.rules.verdicts import FOLDER, chain_of, verdict_of
from vault.records.envelope import Envelope
from vault.records.standing import Standing
from vault.records.types.tombstone import Tombstone
from vault.rules.evidence import Evidence, read_evidence, read_warrant, taken_back
from vault.rules.rosters import Rosters

FILE = FOLDER / "9-evidence.json"
DAY = timedelta(days=1)
DUE = NOW + 1830 * DAY
Case = tuple[str, list[Envelope], Evidence, Tombstone]


def policy_hash() -> str:
    return practice.policy(rosters()).hash


def ended(**changes: object) -> Envelope:
    return practice.trajectory(rosters(), **{"end": TODAY, "policy": policy_hash(), **changes})


def unreadable() -> Envelope:
    """A trajectory that was signed and is none."""
    common = ("v", "type", "practice", "signer")
    content = {name: value for name, value in ended().fields.items() if name not in common}
    return practice.write("trajectory", {**content, "end": "tomorrow"}, COACH)


def term(*trajectories: Envelope, heads: tuple[Envelope, ...] | None = None) -> Evidence:
    heads = (practice.head(rosters()),) if heads is None else heads
    return Evidence(heads, None, trajectories or (ended(),), (practice.policy(rosters()),))


def by_request(request: Envelope | None = None, heads: tuple[Envelope, ...] | None = None) -> Evidence:
    heads = (practice.head(rosters()),) if heads is None else heads
    return Evidence(heads, request or samples.erasure(documents=()))


def stone(evidence: Evidence, /, **changes: object) -> Tombstone:
    """The tombstone that the evidence permits, but for the changes."""
    request = evidence.request
    base = Tombstone(
        standing=rosters().standing,
        kind="dossier",
        subject=DOSSIER,
        dossier=DOSSIER,
        reason="retention" if request is None else str(request.fields["basis"]),
        request=None if request is None else request.hash,
        evidence=evidence.digest,
        sequence=1,
        previous=None,
        at=DUE if request is None else NOW,
    )
    return dataclasses.replace(base, **changes)  # type: ignore[arg-type]


def cases() -> Iterator[Case]:
    yield from _asked()
    yield from _asked_otherwise()
    yield from _due()


def _asked() -> Iterator[Case]:
    one, wide = [practice.first_roster()], by_request()
    some = by_request(samples.erasure())
    yield "a client asked for the whole dossier", one, wide, stone(wide)
    yield "a client asked for one document", one, some, stone(some, kind="document", subject=DOCUMENT)
    yield "a document that nobody asked for", one, some, stone(some, kind="document", subject="ff" * 16)
    yield "the dossier where a document was asked for", one, some, stone(some)
    yield "a document where the dossier was asked for", one, wide, stone(wide, kind="document", subject=DOCUMENT)
    yield "another dossier", one, wide, stone(wide, subject="ff" * 16, dossier="ff" * 16)
    yield "another reason", one, wide, stone(wide, reason="staff")
    yield "an invented request", one, wide, stone(wide, request="00" * 32)
    yield "other evidence", one, wide, stone(wide, evidence="00" * 32)
    yield "evidence without a head", one, by_request(heads=()), stone(by_request(heads=()))
    yield "retention with a request beside it", one, wide, stone(wide, reason="retention", request=None)
    late = samples.erasure(documents=(), expires=NOW + DAY)
    yield "on its last second", one, by_request(late), stone(by_request(late), at=NOW + DAY)
    expired = stone(by_request(late), at=NOW + DAY + timedelta(seconds=1))
    yield "after the request expired", one, by_request(late), expired
    soon = by_request(samples.erasure(documents=(), not_before=NOW + timedelta(minutes=5)))
    yield "five minutes before the request begins", one, soon, stone(soon)
    early = by_request(samples.erasure(documents=(), not_before=NOW + timedelta(minutes=5, seconds=1)))
    yield "earlier than that", one, early, stone(early)
    foreign = by_request(samples.erasure(OTHER, documents=()))
    yield "a request of one who does not hold the dossier", one, foreign, stone(foreign)
    staff = by_request(samples.erasure(documents=(), basis="staff"))
    yield "a coach asked for the dossier as staff", one, staff, stone(staff)
    led = by_request(samples.erasure(DIRECTOR, documents=(), basis="staff"))
    yield "a director asked for the dossier as staff", one, led, stone(led)
    gone = next_roster(rosters(), members=(member(DIRECTOR, "director"), member(COACH, until=NOW), member(OTHER)))
    two = [*one, gone]
    yield "who asked has left since", two, wide, stone(wide)
    yield "who asked had left by then", two, wide, stone(wide, standing=Standing(2, gone.hash))
    then = Standing(2, gone.hash)
    after = practice.head(
        rosters().append(gone), DIRECTOR, version=2, previous=practice.head(rosters()).hash, grantees=(DIRECTOR,)
    )
    moved = by_request(heads=(practice.head(rosters()), after))
    yield "an older roster than a head of the evidence", two, moved, stone(moved)
    yield "the roster of a head of the evidence, who asked had left", two, moved, stone(moved, standing=then)
    led = by_request(samples.erasure(DIRECTOR, documents=()), heads=(practice.head(rosters()), after))
    yield "the roster of a head of the evidence, who asked is there", two, led, stone(led, standing=then)
    both = by_request(heads=(practice.head(rosters()), second := _renewed()))
    yield "all heads", one, both, stone(both)
    for who, signer in (("a coach", COACH), ("a director", DIRECTOR)):
        later = by_request(samples.erasure(signer, documents=(), basis="another"))
        yield f"{who} asked for the dossier on an unknown basis", one, later, stone(later)
    unknown = by_request(samples.erasure(basis="another"))
    yield "a document on an unknown basis", one, unknown, stone(unknown, kind="document", subject=DOCUMENT)
    yield "an unknown reason", one, wide, stone(wide, reason="another")
    yield "an unknown reason without a request", one, wide, stone(wide, reason="another", request=None)
    yield "an unknown kind of subject", one, some, stone(some, kind="another", subject=DOCUMENT)
    half = by_request(heads=(second,))
    yield "heads that do not begin with the first", one, half, stone(half)


def _asked_otherwise() -> Iterator[Case]:
    """A request that names two documents permits each of them; terms beside a request permit nothing."""
    one, other = [practice.first_roster()], "d2" * 16
    two = by_request(samples.erasure(documents=(DOCUMENT, other)))
    for which, subject in (("first", DOCUMENT), ("second", other)):
        yield f"the {which} of two documents", one, two, stone(two, kind="document", subject=subject)
    yield "a third beside two documents", one, two, stone(two, kind="document", subject="d3" * 16)
    yield "the dossier where two documents were asked for", one, two, stone(two)
    kept = by_request(samples.erasure(basis="staff"))
    yield "staff asked for one document", one, kept, stone(kept, kind="document", subject=DOCUMENT)
    both_ways = dataclasses.replace(by_request(), trajectories=(ended(),), policies=(practice.policy(rosters()),))
    yield "a term beside the request", one, both_ways, stone(both_ways)
    ruled = dataclasses.replace(by_request(), policies=(practice.policy(rosters()),))
    yield "a policy beside the request", one, ruled, stone(ruled)


def _due() -> Iterator[Case]:
    one, over = [practice.first_roster()], term()
    first_moment = NOW.replace(year=2031, hour=0)
    yield "the term is over", one, over, stone(over, at=first_moment)
    yield "the term is over in five minutes", one, over, stone(over, at=first_moment - timedelta(minutes=5))
    yield "a second before that", one, over, stone(over, at=first_moment - timedelta(minutes=5, seconds=1))
    yield "a document by retention", one, over, stone(over, kind="document", subject=DOCUMENT)
    running = term(ended(), practice.trajectory(rosters(), id="7b" * 16, policy=policy_hash()))
    last = TODAY.replace(year=2999, month=12, day=31)
    beyond = term(ended(end=last))
    yield "a term that ends after the last year", one, beyond, stone(beyond, at=NOW)
    yield "a term that ends after the last year, on its last day", one, beyond, stone(beyond, at=NOW.replace(year=2999))
    renamed = term(heads=(practice.head(rosters()), _moved()))
    yield "the term is over, under a second head", one, renamed, stone(renamed)
    doubled = term(ended(), ended(id="7b" * 16, end=TODAY.replace(year=2028)))
    yield "the later of two terms is not over", one, doubled, stone(doubled, at=first_moment)
    yield "another trajectory goes on", one, running, stone(running)
    nothing = Evidence((practice.head(rosters()),), None, (), (practice.policy(rosters()),))
    yield "no trajectory", one, nothing, stone(nothing)
    twice = term(ended(), ended(version=2, previous="00" * 32))
    yield "a trajectory twice", one, twice, stone(twice)
    unknown = term(ended(policy="11" * 32))
    yield "a trajectory under no policy", one, unknown, stone(unknown)
    slip = term(ended(start=TODAY.replace(year=2019), end=TODAY.replace(year=2019)))
    yield "a day in the past, at once", one, slip, stone(slip, at=NOW)
    yield "a day in the past, after thirty days", one, slip, stone(slip, at=NOW + 31 * DAY)
    heads = (practice.head(rosters(), kind="another"),)
    later = term(heads=heads)
    yield "a dossier of an unknown kind", one, later, stone(later)
    yield "an unknown reason, the term is over", one, over, stone(over, reason="another")
    stranger = term(practice.trajectory(rosters(), OTHER, end=TODAY, policy=policy_hash()))
    yield "ended by one who does not hold the dossier", one, stranger, stone(stranger)
    short = term(ended(start=TODAY.replace(year=2019), end=TODAY.replace(year=2019), grace=False))
    yield "a coach waived the days of grace", one, short, stone(short, at=NOW)
    broken = term(unreadable())
    yield "a trajectory that cannot be read", one, broken, stone(broken)
    coach = practice.policy(rosters(), COACH)
    other = Evidence((practice.head(rosters()),), None, (ended(policy=coach.hash),), (coach,))
    yield "a policy by a coach", one, other, stone(other)


def _renewed() -> Envelope:
    """A head by which a coach lost the dossier."""
    follows = {"version": 2, "previous": practice.head(rosters()).hash, "epoch": 2, "recipient": "age1pq1new"}
    return practice.head(rosters(), DIRECTOR, **follows, grantees=(DIRECTOR,))


def _moved() -> Envelope:
    return practice.head(rosters(), version=2, previous=practice.head(rosters()).hash)


def verdict(chain: Rosters, evidence: Evidence, tombstone: Tombstone) -> str:
    return verdict_of(lambda: read_warrant(evidence, chain).check(tombstone, chain))


def withdrawals() -> Iterator[tuple[str, Envelope, Envelope]]:
    staff = samples.erasure(basis="staff")
    yield "staff takes its own request back", staff, samples.erasure_withdrawal(request=staff.hash)
    yield "another request", staff, samples.erasure_withdrawal(request="00" * 32)
    yield "another id", staff, samples.erasure_withdrawal(request=staff.hash, id="ff" * 16)
    elsewhere = samples.erasure_withdrawal(request=staff.hash, dossier="ff" * 16)
    yield "a request of another dossier", staff, elsewhere
    yield "what the client asked", samples.erasure(), samples.erasure_withdrawal()


def vectors() -> dict[str, Any]:
    return {
        "about": "FORMAT.md, Evidence: whether a tombstone is believed, and whether a withdrawal takes a request back.",
        "tombstones": [
            {
                "name": name,
                "rosters": [each.to_json() for each in chain],
                "evidence": evidence.to_json(),
                "digest": evidence.digest,
                "tombstone": samples.by_installation("tombstone", tombstone.content()).to_json(),
                "verdict": verdict(chain_of(chain), evidence, tombstone),
            }
            for name, chain, evidence, tombstone in cases()
        ],
        "withdrawals": [
            {
                "name": name,
                "request": request.to_json(),
                "withdrawal": withdrawal.to_json(),
                "taken_back": bool(taken_back([request], [withdrawal])),
            }
            for name, request, withdrawal in withdrawals()
        ],
    }


__all__ = ["FILE", "read_evidence", "vectors", "verdict"]

if __name__ == "__main__":
    FILE.write_text(json.dumps(vectors(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
