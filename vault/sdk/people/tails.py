"""What came since this device looked last: the newest tombstones and checkpoints, verified and joined to its pins.

A server that shows less than was seen, or another past, is doubted, not refused: a dossier still opens and its contents
are still read. Nothing is signed there by which others would take its state for good (`SignedIn.sign`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from vault.errors import IntegrityError
from vault.records import read
from vault.records.encoding import RecordError
from vault.records.envelope import Envelope, SignatureError, from_json
from vault.records.seen import CHAINS, LEDGER
from vault.records.table import type_of
from vault.records.types.repair import Aside
from vault.records.types.tombstone import Tombstone
from vault.rules.rights import check_signer
from vault.rules.rosters import Rosters
from vault.rules.verdict import Refused
from vault.rules.versions import Last, SignedEntry, next_entry
from vault.sdk.device.pin_kinds import Mark
from vault.sdk.device.pinned import check_progress
from vault.sdk.device.pins import Pins
from vault.sdk.device.sightings import LONGEST
from vault.sdk.errors import AnswerError, EntriesMissingError, RollbackError, SeenError
from vault.sdk.server.answers import mapping
from vault.sdk.server.api import Api

_NAMES = {chain: "ledger" if chain == LEDGER else "checkpoints" for chain in CHAINS}
_KINDS = {chain: "tombstone" if chain == LEDGER else "checkpoint" for chain in CHAINS}
MOST_PAGES = 1000
TELL = "Nothing was changed. The server may have been put back to an older state: tell the director."


@dataclass(frozen=True, slots=True)
class Shown:
    """Consecutive hashes of a chain, the first under number `first`: verified, and joined to what was pinned.

    `anew`: they are not joined to it, since a director set it aside. `newest` is the record of the last hash, where it
    was shown.
    """

    first: int
    hashes: tuple[str, ...]
    anew: bool = False
    buried: frozenset[str] = frozenset()
    newest: Envelope | None = None


@dataclass(frozen=True, slots=True)
class Tails:
    """Of each chain what came since; and why a chain is doubted, where it is.

    `buried` are the dossiers that a tombstone among it says are destroyed, with evidence or without.
    """

    shown: Mapping[str, Shown]
    doubts: tuple[IntegrityError, ...] = ()
    buried: frozenset[str] = frozenset()


def query(pins: Pins) -> str:
    """The part of a request for the chains that asks for what came since; the pinned entries come again."""
    marks = {chain: pins.marks[chain].number for chain in CHAINS if chain in pins.marks}
    return "".join(f"&{chain}={number - 1}" for chain, number in marks.items())


def read_tails(api: Api, rosters: Rosters, pins: Pins, answer: dict[str, Any]) -> Tails:
    """The verified ends of both chains, from the first page in `answer` on."""
    shown: dict[str, Shown] = {}
    doubts: list[IntegrityError] = []
    for chain in CHAINS:
        envelopes = _pages(api, rosters, chain, answer)
        try:
            found = _verified(envelopes, rosters, chain, pins.marks.get(chain), pins.asides)
        except IntegrityError as error:
            anew = _begun_anew(api, rosters, chain, pins) if isinstance(error, SeenError) else None
            if anew is None:
                doubts.append(error)
            else:
                shown |= {chain: anew}
        except RecordError as error:
            doubts.append(AnswerError(str(error)))
        else:
            shown |= {} if found is None else {chain: found}
    return Tails(shown, tuple(doubts), frozenset().union(*(each.buried for each in shown.values())))


def _begun_anew(api: Api, rosters: Rosters, chain: str, pins: Pins) -> Shown | None:
    """What is shown instead of the newest pinned entry, once a director has set that aside; None where none has.

    What this device saw before goes with it only as far as the shown chain does not hold it.
    """
    pinned = pins.marks[chain]
    if Aside(chain, pinned.number, pinned.hash) not in pins.asides:
        return None
    tail = pins.tails[chain]
    try:
        found = _shown_from(api, rosters, chain, tail.first)
    except (IntegrityError, RecordError):
        return None
    return replace(found or Shown(1, ()), anew=True)


def shown_from(api: Api, rosters: Rosters, chain: str, first: int) -> dict[int, str]:
    """The hashes that the server shows under the numbers from `first` on; none where they do not hold."""
    try:
        found = _shown_from(api, rosters, chain, first)
    except (IntegrityError, RecordError):
        return {}
    return {} if found is None else dict(enumerate(found.hashes, start=found.first))


def _shown_from(api: Api, rosters: Rosters, chain: str, first: int) -> Shown | None:
    path = f"/chains?roster={len(rosters.chain)}&policy={2**53 - 1}&{chain}={first - 1}"
    return _verified(_pages(api, rosters, chain, api.get(path)), rosters, chain, None)


def _pages(api: Api, rosters: Rosters, chain: str, answer: dict[str, Any]) -> list[Envelope]:
    page, kind, found = mapping(answer, _NAMES[chain]), _KINDS[chain], list[Envelope]()
    for _ in range(MOST_PAGES):
        found += _read(read.objects(page, "items", most=LONGEST), kind)
        following = read.optional(read.integer, page, "next")
        if following is None:
            return found
        path = f"/chains?roster={len(rosters.chain)}&policy={2**53 - 1}&{chain}={following}"
        page = mapping(api.get(path), _NAMES[chain])
    raise AnswerError("the server never comes to the end of a chain")


def _read(items: Sequence[dict[str, Any]], kind: str) -> Iterator[Envelope]:
    """The records among them; what is none is as good as not shown."""
    for item in items:
        with suppress(RecordError):
            yield from_json(item, kind)


def _verified(
    envelopes: Sequence[Envelope],
    rosters: Rosters,
    chain: str,
    pinned: Mark | None,
    asides: Collection[Aside] = (),
) -> Shown | None:
    """Raises RollbackError, ForkError, EntriesMissingError, AnswerError.

    An entry that does not verify is as good as not shown, and leaves a gap. Who pinned none begins behind the last gap;
    who pinned one passes over it only where a director's repair names the last entry that is missing.
    """
    entries = list(_entries(envelopes, rosters))
    first, hashes, anew = 1, list[str](), False
    if pinned is not None:
        first, hashes = pinned.number, [pinned.hash]
        entries = _after(chain, pinned, entries)
    for entry in entries:
        last = Last(first + len(hashes) - 1, hashes[-1]) if hashes else None
        if last is None:
            first = entry.sequence
        elif isinstance(next_entry(entry, last), Refused):
            missing = _missing(chain, entry, last)
            if pinned is not None and missing not in asides:
                raise EntriesMissingError(missing, first=last.number + 1, after=pinned.number)
            first, hashes, anew = entry.sequence, [], True
        hashes.append(entry.hash)
    newest = next((each for each in envelopes if hashes and each.hash == hashes[-1]), None)
    return Shown(first, tuple(hashes), anew, _buried(entries), newest) if hashes else None


def _buried(entries: Iterable[SignedEntry]) -> frozenset[str]:
    """The dossiers that these say are destroyed."""
    stones = (entry for entry in entries if isinstance(entry, Tombstone) and entry.kind == "dossier")
    return frozenset(stone.subject for stone in stones)


def _after(chain: str, pinned: Mark, entries: Sequence[SignedEntry]) -> list[SignedEntry]:
    """What comes after the pinned entry, which stands in its place or was damaged since."""
    aside = Aside(chain, pinned.number, pinned.hash)
    if not entries:
        raise RollbackError(f"the server shows an older {chain} than this device has seen", advice=TELL, seen=aside)
    newest = entries[-1]
    check_progress(chain, (pinned.number, pinned.hash), (newest.sequence, newest.hash), aside)
    for entry in entries:
        if entry.sequence == pinned.number:
            check_progress(chain, (pinned.number, pinned.hash), (entry.sequence, entry.hash), aside)
    return [entry for entry in entries if entry.sequence > pinned.number]


def _missing(chain: str, entry: SignedEntry, last: Last) -> Aside:
    """The last entry that is missing before this one; raises AnswerError where none is."""
    if entry.sequence <= last.number + 1 or entry.previous is None:
        raise AnswerError(f"a chain of the practice breaks off after number {last.number}")
    return Aside(chain, entry.sequence - 1, entry.previous)


def _entries(envelopes: Sequence[Envelope], rosters: Rosters) -> Iterator[SignedEntry]:
    """Those that verify."""
    for envelope in envelopes:
        with suppress(RecordError, SignatureError):
            check_signer(envelope, rosters)
            entry: Any = type_of(envelope.kind).cls.read(envelope)
            yield entry
