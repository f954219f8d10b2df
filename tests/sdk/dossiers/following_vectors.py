"""Makes `tests/vectors/3-following.json`: `python -m tests.sdk.dossiers.following_vectors` writes it anew.

What a reader makes of the newest link of an index, from the link that it pinned: one dossier with six links, and every
way to show less of them, others, or none that follow.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from tests.records import practice, samples
from tests.records.practice import COACH, DIRECTOR, DOSSIER, NOW, OTHER, first_roster, member, next_roster
from tests.rules.verdicts import chain_of, heads_of
from vault.errors import VaultError
from vault.records.encoding import RecordError, format_instant, to_base64url
from vault.records.envelope import Envelope, from_json
from vault.records.standing import Standing
from vault.records.types.dossier import holders_of
from vault.records.types.index import ERASED, EXPIRED, REVOKED, SUPERSEDED, Index, Removal
from vault.records.types.repair import INDEX, LINK, Aside, Repair
from vault.rules import merkle
from vault.rules.repairs import read_repair
from vault.sdk.device.pin_kinds import SeenDossier, SeenIndex
from vault.sdk.device.pins import Pins
from vault.sdk.dossiers.completeness import UnexplainedError
from vault.sdk.dossiers.index_chain import IndexChain, IndexRefusedError
from vault.sdk.dossiers.open_dossier import OpenDossier
from vault.sdk.errors import LinksMissingError, QuarantineError

FILE = Path(__file__).parents[2] / "vectors" / "3-following.json"
Json = dict[str, Any]

# The coach OTHER holds the dossier on roster 1, and is gone on roster 2.
ONE = first_roster()
TWO = next_roster(chain_of([ONE]), members=(*practice.roster().members[:2], member(OTHER, until=NOW)))
BOTH = chain_of([ONE, TWO])
FIRST, SECOND = chain_of([ONE]).standing, BOTH.standing
HEAD = practice.head(chain_of([ONE]), DIRECTOR, grantees=holders_of((OTHER, COACH, DIRECTOR)))
A, B, C = (samples.document(id=each * 16, series=each * 16) for each in ("1a", "1b", "1c"))
SHARE, PROFILE = samples.share(expires_at=NOW), samples.profile()
BEGUN = practice.trajectory(chain_of([ONE]))
ENDED = practice.trajectory(chain_of([ONE]), version=2, previous=BEGUN.hash, end=practice.TODAY)
RECORDS = (PROFILE, BEGUN, ENDED, SHARE)


@dataclass(frozen=True)
class Growth:
    """An index as it grows, link by link, and what each link lists."""

    links: tuple[Envelope, ...] = ()
    listed: tuple[frozenset[str], ...] = ()

    def add(self, *added: Envelope, removed: tuple[Removal, ...] = (), signer: str = COACH, **changes: Any) -> Growth:
        """The same with one link more; `changes` are what is wrong with it."""
        before = self.listed[-1] if self.listed else frozenset()
        after = (before - {each.hash for each in removed}) | {each.hash for each in added}
        base: Json = {
            "standing": FIRST,
            "dossier": DOSSIER,
            "sequence": len(self.links) + 1,
            "previous": self.links[-1].hash if self.links else None,
            "head": HEAD.hash,
            "root": merkle.root(after),
            "count": len(after),
            "added": tuple(sorted(each.hash for each in added)),
            "removed": tuple(sorted(removed, key=lambda each: each.hash)),
            "at": NOW,
            "signer": signer,
        }
        link = practice.write("index", Index(**{**base, **changes}).content(), signer)
        return Growth((*self.links, link), (*self.listed, after))

    def until(self, number: int) -> Growth:
        return Growth(self.links[:number], self.listed[:number])


SUPERSEDES = Removal(BEGUN.hash, SUPERSEDED, ENDED.hash)
REVOKES = Removal(SHARE.hash, REVOKED, format_instant(NOW))
START = Growth().add(PROFILE, BEGUN).add(A)
WHOLE = START.add(B, SHARE).add(ENDED, removed=(SUPERSEDES,)).add(removed=(REVOKES,)).add(C)


@dataclass(frozen=True)
class Case:
    """`pin` is the number of the link that the reader pinned, of `seen`; 0: none. `hidden` are numbers not shown."""

    name: str
    growth: Growth = WHOLE
    pin: int = 2
    seen: Growth = WHOLE
    hidden: tuple[int, ...] = ()
    spoiled: Json = field(default_factory=dict)
    leaves: frozenset[str] | None = None
    rosters: tuple[Envelope, ...] = (ONE,)
    heads: tuple[Envelope, ...] = (HEAD,)
    records: tuple[Envelope, ...] = RECORDS
    repairs: tuple[Envelope, ...] = ()
    pinned: Json = field(default_factory=dict)


def _grown() -> Iterator[Case]:
    yield Case("four links more, the pinned one has two")
    yield Case("one link more", WHOLE.until(3))
    yield Case("the pinned link is the newest", WHOLE.until(2))
    yield Case("without a pin", pin=0)
    yield Case("without a pin, of a damaged link nobody asks", pin=0, hidden=(3,))
    yield Case("without a pin, other leaves", pin=0, leaves=WHOLE.listed[4])
    yield Case("other leaves", leaves=WHOLE.listed[4])
    yield Case("other leaves of the pinned link", WHOLE.until(2), leaves=WHOLE.listed[2])


def _contradicted() -> Iterator[Case]:
    yield Case("a rollback: the newest comes before the pinned one", WHOLE.until(3), pin=4)
    other = START.until(1).add(C)
    yield Case("another link under the pinned number", other)
    yield Case("a fork before the pinned link", other.add(B).add())
    yield Case("a fork before the pinned link, one link on", other.add(B))
    stray = START.add(B, SHARE, previous="00" * 32)
    yield Case("the next link follows another", stray)
    yield Case("the link after the next follows another", START.add(B).add(C, previous="00" * 32).add())
    yield Case("a link follows none", START.add(B).add(C, previous=None).add())
    again = Growth((*START.links, START.links[1], *WHOLE.links[2:]), (*START.listed, *WHOLE.listed[1:]))
    yield Case("the pinned link is shown once more", again)


def _missing() -> Iterator[Case]:
    for numbers, which in (
        ((3,), "the link after the pinned one"),
        ((4,), "a link between"),
        ((5,), "the link before the newest"),
        ((3, 4), "two links in a row"),
        ((3, 5), "two links"),
        ((3, 4, 5), "all links between"),
    ):
        yield Case(f"{which} not shown", hidden=numbers)
    link = WHOLE.links[3].to_json()
    yield Case(
        "a link between of which half the record is left", spoiled={"4": {**link, "record": link["record"][:80]}}
    )
    bit = link["record"][:200] + ("A" if link["record"][200] != "A" else "B") + link["record"][201:]
    yield Case("a link between with another bit in its record", spoiled={"4": {**link, "record": bit}})
    yield Case(
        "a link between under another signature",
        spoiled={"4": {**link, "signatures": START.links[0].to_json()["signatures"]}},
    )
    newest = WHOLE.links[5].to_json()
    yield Case("the newest link under another signature", spoiled={"6": {**newest, "signatures": link["signatures"]}})


def _signed() -> Iterator[Case]:
    gone: Json = {"rosters": (ONE, TWO)}
    hers = START.add(B, signer=OTHER)
    yield Case("a link between by one who has left since", hers.add(C), **gone)
    yield Case("the newest link by one who has left since", hers, **gone)
    yield Case("the pinned link by one who has left since", hers, pin=3, seen=hers, **gone)
    after = START.add(B, standing=SECOND)
    yield Case("the newest link on the roster before, by one who has left", after.add(C, signer=OTHER), **gone)
    late = after.add(C, signer=OTHER).add(standing=SECOND)
    yield Case("a link between on the roster before, by one who has left", late, **gone)
    yield Case(
        "the newest link on the roster after, by one who has left", START.add(B, standing=SECOND, signer=OTHER), **gone
    )
    late = START.add(B, standing=SECOND, signer=OTHER).add(C, standing=SECOND)
    yield Case("a link between on the roster after, by one who has left", late, **gone)
    yield Case("a link between on an older roster than the one before", after.add(C).add(standing=SECOND), **gone)
    yield Case("the newest link on an older roster than the pinned one", after.add(C), pin=3, seen=after, **gone)
    yield Case("a link on a roster that is not in the chain", START.add(B, standing=Standing(2, "22" * 32)))
    narrow = (practice.head(chain_of([ONE])),)
    stranger = START.add(B, signer=OTHER, head=narrow[0].hash)
    yield Case("the newest link by one who holds nothing", stranger, heads=narrow, pin=0)


def _listed() -> Iterator[Case]:
    wrong: Json = {"root": merkle.root([A.hash])}
    yield Case("the newest states another root", START.add(B).add(C, **wrong))
    yield Case("the newest states another count", START.add(B).add(C, count=9))
    yield Case("a link between states another root", START.add(B, **wrong).add(C))
    yield Case("a link between states another count", START.add(B, count=9).add(C))
    yield Case("the pinned root is another", pinned={"root": merkle.root([A.hash])})
    yield Case("the pinned count is another", pinned={"count": 9})
    silent = Growth(START.links, (START.listed[0], START.listed[1] - {A.hash})).add(B)
    yield Case("a document left out in silence", silent)
    yield Case(
        "a document put in in silence", Growth(START.links, (START.listed[0], START.listed[1] | {C.hash})).add(B)
    )
    for why, by in (
        (ERASED, "70" * 32),
        (SUPERSEDED, B.hash),
        (REVOKED, format_instant(NOW)),
        ("withdrawn", "70" * 32),
    ):
        gone = START.add(B, removed=(Removal(A.hash, why, by),)).add()
        yield Case(f"a document, {why}, by nothing that says so", gone)
    shared = START.add(SHARE)
    yield Case("a share, expired", shared.add(removed=(Removal(SHARE.hash, EXPIRED, format_instant(NOW)),)))
    later = format_instant(NOW.replace(hour=10))
    yield Case("a share, expired at another time", shared.add(removed=(Removal(SHARE.hash, EXPIRED, later),)))
    yield Case("a trajectory, superseded by what does not come", START.add(B, removed=(SUPERSEDES,)))
    yield Case("the record that left is not shown", records=(PROFILE, ENDED, SHARE))
    yield Case("the record in its place is not shown", records=(PROFILE, BEGUN, SHARE))


def _headed() -> Iterator[Case]:
    two = practice.head(BOTH, DIRECTOR, version=2, previous=HEAD.hash, index=WHOLE.links[2].hash, standing=SECOND)
    both: Json = {"rosters": (ONE, TWO), "heads": (HEAD, two)}
    under: Json = {"head": two.hash, "standing": SECOND}
    grown = WHOLE.until(3).add(ENDED, removed=(SUPERSEDES,), **under)
    yield Case("the newest link under the newest head", grown, **both)
    yield Case("the newest link is the one that the newest head accepts", WHOLE.until(3), **both)
    yield Case("the newest link under an older head", WHOLE.until(4), **both)
    yield Case(
        "a link between under an older head than the one before", grown.add(standing=SECOND).add(**under), **both
    )
    yield Case("a link under a head that is not shown", grown, rosters=(ONE, TWO))


def _repaired() -> Iterator[Case]:
    def repair(*asides: Aside, signer: str = DIRECTOR) -> Json:
        content = Repair(FIRST, asides, "the row is lost", NOW).content()
        return {"repairs": (practice.write("repair", content, signer),)}

    def link(number: int, hash_: str | None = None) -> Aside:
        return Aside(LINK, number, hash_ or WHOLE.links[number - 1].hash, DOSSIER)

    pin = Aside(INDEX, 2, START.links[1].hash, DOSSIER)
    yield Case("a link not shown, which a repair names", hidden=(4,), **repair(link(4)))
    yield Case("the link after the pinned one not shown, which a repair names", hidden=(3,), **repair(link(3)))
    yield Case("all links between not shown, the last named by a repair", hidden=(3, 4, 5), **repair(link(5)))
    yield Case("two links in a row not shown, the first named by a repair", hidden=(3, 4), **repair(link(3)))
    yield Case("two links not shown, one named by a repair", hidden=(3, 5), **repair(link(3)))
    yield Case("two links not shown, both named by a repair", hidden=(3, 5), **repair(link(3), link(5)))
    yield Case("a link not shown, a repair names another under its number", hidden=(4,), **repair(link(4, "44" * 32)))
    other = replace(link(4), subject="cd" * 16)
    yield Case("a link not shown, a repair names one of another dossier", hidden=(4,), **repair(other))
    yield Case("a link not shown, a repair by a coach names it", hidden=(4,), **repair(link(4), signer=COACH))
    yield Case(
        "a link not shown, a repair names it as what was pinned", hidden=(4,), **repair(replace(link(4), chain=INDEX))
    )
    yield Case("a link that is shown is named by a repair", **repair(link(4)))
    spoiled = {"4": {**WHOLE.links[3].to_json(), "signatures": START.links[0].to_json()["signatures"]}}
    yield Case("a damaged link, which a repair names", spoiled=spoiled, **repair(link(4)))
    yield Case("passed over, and other leaves", hidden=(3,), leaves=WHOLE.listed[4], **repair(link(3)))
    lost = WHOLE.until(4).add(C, removed=(Removal(A.hash, ERASED, "70" * 32),))
    yield Case("passed over, and a document goes later without a reason", lost, hidden=(3,), **repair(link(3)))
    forked = START.add(B).add(C, previous="00" * 32).add()
    yield Case(
        "passed over, by whatever hash the link after it states", forked, hidden=(3,), **repair(link(3, "00" * 32))
    )
    strayed = WHOLE.until(4).add(C, previous="00" * 32)
    yield Case("passed over, and the next but one follows another", strayed, hidden=(3,), **repair(link(3)))
    fork = START.until(1).add(C).add(B)
    yield Case("a fork, and a repair gives up the pinned link", fork, **repair(pin))
    yield Case("a link not shown, and a repair gives up the pinned link", hidden=(4,), **repair(pin))
    yield Case("a fork, and a repair names its link", fork, **repair(link(2, fork.links[1].hash)))


def cases() -> Iterator[Case]:
    for family in (_grown, _contradicted, _missing, _signed, _listed, _headed, _repaired):
        yield from family()


def _reader(case: Json, envelopes: Json) -> tuple[IndexChain, Pins]:
    """A device with that pin, before a server that shows this."""
    rosters = chain_of([from_json(envelopes[each], "roster") for each in case["rosters"]])
    heads = heads_of([from_json(envelopes[each], "dossier") for each in case["heads"]], rosters)
    assert heads is not None
    pin = None if case["pin"] is None else SeenIndex(**case["pin"])
    pins = Pins(dossiers={DOSSIER: SeenDossier(heads.newest.version, heads.newest.hash, pin)})
    for each in case["repairs"]:
        try:
            found = read_repair(from_json(envelopes[each], "repair"), rosters)
        except VaultError:
            continue
        if isinstance(found, Repair):
            pins.see_asides(found.asides)
    leaves = to_base64url(b"".join(bytes.fromhex(each) for each in case["leaves"]))
    lists = {"indexes": [envelopes[each] for each in case["links"]], "tombstones": []}
    said = {"index": envelopes[case["newest"]], "leaves": leaves}
    records = [{"type": each["type"], "record": envelopes[each["record"]]} for each in case["records"]]
    device = SimpleNamespace(
        api=SimpleNamespace(
            pages=lambda path, **_: iter(lists[path.rpartition("/")[2]]),
            get=lambda _: said,
        ),
        rosters=rosters,
        pins=pins,
        hear=lambda *_: None,
    )
    dossier = SimpleNamespace(
        id=DOSSIER, name="Jan", heads=heads, signed_in=device, left_behind=False, pages=lambda _: iter(records)
    )
    return IndexChain(cast("OpenDossier", dossier)), pins


def judge(case: Json, envelopes: Json) -> Json:
    """The verdict of the reader, and of links that are missing the numbers and the hash of the last."""
    reader, pins = _reader(case, envelopes)
    try:
        newest = reader.take(from_json(envelopes[case["newest"]], "index"))
        assert len(reader.records) == newest.count
    except LinksMissingError as error:
        return {"verdict": error.code, "missing": [error.first, error.last.number, error.last.hash]}
    except IndexRefusedError as error:
        return {"verdict": error.reason}
    except UnexplainedError:
        return {"verdict": "record_left_out"}
    except QuarantineError:
        return {"verdict": "quarantined"}
    except (VaultError, RecordError) as error:
        return {"verdict": error.code}
    assert pins.index_of(DOSSIER) == SeenIndex.of(newest)
    return {"verdict": "allowed"}


def _case(one: Case, envelopes: Json) -> Json:
    """The case, its envelopes by record hash among `envelopes`, by their place where they are spoiled."""

    def named(envelope: Envelope) -> str:
        envelopes[envelope.hash] = envelope.to_json()
        return envelope.hash

    def shown(number: int) -> str:
        if str(number) in one.spoiled:
            name = f"{one.name}: {number}"
            envelopes[name] = one.spoiled[str(number)]
            return name
        return named(one.growth.links[number - 1])

    last = len(one.growth.links)
    pinned = None if one.pin == 0 else Index.read(one.seen.links[one.pin - 1])
    pin = None
    if pinned is not None:
        names = ("sequence", "index", "root", "count", "roster")
        pin = {name: getattr(SeenIndex.of(pinned), name) for name in names} | one.pinned
    between = [number for number in range(one.pin + 1, last) if number not in one.hidden]
    case = {
        "name": one.name,
        "rosters": [named(each) for each in one.rosters],
        "heads": [named(each) for each in one.heads],
        "pin": pin,
        "newest": shown(last),
        "leaves": sorted(one.growth.listed[-1] if one.leaves is None else one.leaves),
        "links": [shown(number) for number in between] if one.pin else [],
        "records": [{"type": each.kind, "record": named(each)} for each in one.records],
        "repairs": [named(each) for each in one.repairs],
    }
    return {**case, **judge(case, envelopes)}


def vectors() -> Json:
    envelopes: Json = {}
    found = [_case(one, envelopes) for one in cases()]
    return {
        "about": "FORMAT.md, Following: whether a reader with this `pin` (null: none) takes the `newest` link of an index, where the "
        "server shows these `links` between, `leaves` as what the newest lists, and these `records` of the dossier, and there "
        "are these `repairs`. No tombstone is shown. `missing`: the first and last number of links that are not shown whole, "
        "and the hash of the last. Envelopes are named by their record's hash; what was spoiled has another name.",
        "dossier": DOSSIER,
        "envelopes": envelopes,
        "cases": found,
    }


if __name__ == "__main__":
    FILE.write_text(json.dumps(vectors(), indent=1) + "\n", encoding="ascii")
