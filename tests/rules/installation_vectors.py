"""The cases of `3-chains.json` and `3-rights.json` about the installation's keys: what a roster may say of them, what
each may sign and when, and how tombstones and checkpoints follow each other."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from tests.records import practice, samples
from tests.records.practice import INSTALLATION, NEW_ROOT, NOW, installation, next_roster
from vault.records.envelope import Envelope
from vault.records.types.checkpoint import Checkpoint
from vault.records.types.roster import ATTEST, CHECKPOINT, LEDGER, USES, RosterKey
from vault.records.types.tombstone import Tombstone
from vault.rules.rosters import Rosters, first
from vault.rules.terms import CLOCK_SLACK
from vault.rules.verdict import Verdict
from vault.rules.versions import next_signed

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
OTHER = bytes(NEW_ROOT.verify_key)
WHOLE = tuple(map(installation, USES))
FIRST, SECOND_, THIRD = WHOLE
ENDED = (installation(LEDGER, until=NOW), installation(LEDGER, key=OTHER), SECOND_, THIRD)


def rosters(chain: Rosters) -> Iterator[tuple[str, list[Envelope], Envelope]]:
    """What a roster may say of the installation's keys, as the first one and after another."""
    for what, keys in _alone():
        yield f"roster 1 {what}", [], practice.first_roster(installations=keys)
    one = practice.first_roster()
    for what, keys in _next():
        yield f"the next, {what}", [one], next_roster(chain, installations=keys)
    ended = next_roster(chain, installations=ENDED)
    after = chain.append(ended)
    for what, until in (("kept", NOW), ("taken back", None), ("moved", NOW + DAY)):
        keys = (installation(LEDGER, until=until), *ENDED[1:])
        yield f"the end of a key {what}", [one, ended], next_roster(after, installations=keys)


def _alone() -> Iterator[tuple[str, tuple[RosterKey, ...]]]:
    for use, left in zip(USES, ((SECOND_, THIRD), (FIRST, THIRD), (FIRST, SECOND_)), strict=True):
        yield f"without a key for {use}", left
    yield "whose only key for ledger has ended", (installation(LEDGER, until=NOW), SECOND_, THIRD)
    yield "with one key for ledger and checkpoint", (installation(LEDGER, uses=(LEDGER, CHECKPOINT)), THIRD)
    yield "with one key for ledger and attest", (installation(LEDGER, uses=(LEDGER, ATTEST)), SECOND_)
    yield "with one key for checkpoint and attest", (FIRST, installation(CHECKPOINT, uses=(CHECKPOINT, ATTEST)))
    yield "with a use that nobody knows", (*WHOLE, installation(LEDGER, key=OTHER, uses=("seal", "ledger2")))
    yield "with a key of no use", (*WHOLE, installation(LEDGER, key=OTHER, uses=()))
    yield "with a key twice", (*WHOLE, installation(LEDGER, uses=("seal",)))


def _next() -> Iterator[tuple[str, tuple[RosterKey, ...]]]:
    yield "with another key for ledger", (*WHOLE, installation(LEDGER, key=OTHER))
    yield "in which another key for ledger follows one that ends", ENDED
    yield "in which the only key for ledger ends", (installation(LEDGER, until=NOW), SECOND_, THIRD)
    yield "in which a key is missing", (installation(LEDGER, key=OTHER), SECOND_, THIRD)
    yield "in which a key gets a use", (installation(LEDGER, uses=(LEDGER, CHECKPOINT)), SECOND_, THIRD)
    yield "in which the gateway's key gets the worker's use", (FIRST, SECOND_, installation(ATTEST, uses=USES[::2]))
    yield "in which a key loses a use", (installation(LEDGER, uses=("seal",)), installation(LEDGER, key=OTHER))
    yield "in which a key begins earlier", (installation(LEDGER, since=NOW - DAY), SECOND_, THIRD)


def signing() -> Iterator[tuple[str, list[Envelope], list[Envelope], Envelope]]:
    """Which key of the installation may sign what, and when."""
    one = practice.first_roster()
    made = {"tombstone": samples.tombstone(), "certificate": samples.certificate(), "checkpoint": samples.checkpoint()}
    for kind, envelope in made.items():
        for use in USES:
            yield f"a {kind}, by the key for {use}", [one], [], _by(use, envelope)
    stranger = (*WHOLE, installation(LEDGER, key=OTHER, uses=("seal",)))
    known = practice.first_roster(installations=stranger)
    yield "a tombstone, by a key of a use that nobody knows", [known], [], _on(known, made["tombstone"], new=True)
    for what, since in (("five minutes after", CLOCK_SLACK), ("too long after", CLOCK_SLACK + SECOND)):
        later = practice.first_roster(installations=(installation(LEDGER, since=NOW + since), SECOND_, THIRD))
        yield f"a tombstone, by a key that begins {what} it", [later], [], _on(later, made["tombstone"])
    ended = [one, next_roster(first(one), installations=ENDED)]
    old, new = ended
    for what, at in (("in its time", NOW), ("five minutes late", CLOCK_SLACK), ("later", CLOCK_SLACK + SECOND)):
        late = {} if at is NOW else {"at": NOW + at}
        for where, roster in (("before its end", old), ("that ends it", new)):
            yield (
                f"a tombstone, by a key that has ended, on the roster {where}, {what}",
                ended,
                [],
                _on(roster, samples.tombstone(**late)),
            )
    yield "a tombstone, by the key that follows", ended, [], _on(new, made["tombstone"], new=True)
    yield (
        "a tombstone, by the key that follows, on the roster from before it",
        ended,
        [],
        _on(old, made["tombstone"], new=True),
    )


def _by(use: str, envelope: Envelope) -> Envelope:
    return samples.by_installation(envelope.kind, _content(envelope), INSTALLATION[use])


def _on(roster: Envelope, envelope: Envelope, *, new: bool = False) -> Envelope:
    content = {**_content(envelope), "roster": {"version": roster.fields["version"], "hash": roster.hash}}
    return samples.by_installation(envelope.kind, content, NEW_ROOT if new else INSTALLATION[LEDGER])


def _content(envelope: Envelope) -> dict[str, object]:
    return {name: value for name, value in envelope.fields.items() if name not in ("v", "type", "practice", "signer")}


def entries() -> Iterator[tuple[str, Envelope, Envelope]]:
    """A tombstone or checkpoint, and the one after it."""
    one, two = _standings()
    for kind in ("tombstone", "checkpoint"):
        make = getattr(samples, kind)
        before = make(standing=two)
        then = {"sequence": before.fields["sequence"] + 1, "previous": before.hash}
        yield f"a {kind} on the same roster", before, make(standing=two, **then)
        yield f"a {kind} on an older roster", before, make(standing=one, **then)
        yield (
            f"a {kind} with a number left out",
            before,
            make(standing=two, **{**then, "sequence": then["sequence"] + 1}),
        )
        older = make(standing=one)
        yield f"a {kind} on a newer roster", older, make(standing=two, **{**then, "previous": older.hash})


def _standings() -> tuple[object, object]:
    chain = practice.rosters()
    return chain.standing, chain.append(next_roster(chain)).standing


def follows(before: Envelope, new: Envelope) -> Verdict:
    """Whether the second may follow the first."""
    reads = {"tombstone": Tombstone.read, "checkpoint": Checkpoint.read}[new.kind]
    return next_signed(reads(new), reads(before))
