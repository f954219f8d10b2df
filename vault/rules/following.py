"""How a reader goes from the link of an index that it pinned to the newest one (FORMAT.md, "The index").

Each link that comes here is verified by itself. One that is damaged or withheld leaves a gap: nobody can say what it
was, so it ends the way, until a director's repair names it by the hash that the link after it states.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import chain, takewhile
from typing import Protocol

from vault.records.types.index import Index
from vault.rules.indexes import has_root, listed_before
from vault.rules.rights import Heads
from vault.rules.verdict import ALLOWED, Refused, Verdict
from vault.rules.versions import Last, next_entry

# Roots between the two ends are checked while that costs a few seconds at most: they follow from the ends.
MAX_NODES = 5_000_000


class PinnedLink(Protocol):
    """What a reader kept of a link that it verified; `index` is its hash, `roster` the version that it stands on."""

    @property
    def sequence(self) -> int: ...  # noqa: D102 - the class says it

    @property
    def index(self) -> str: ...  # noqa: D102

    @property
    def root(self) -> str: ...  # noqa: D102

    @property
    def count(self) -> int: ...  # noqa: D102

    @property
    def roster(self) -> int: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class RefusedLink(Refused):
    """The link of that number does not follow."""

    number: int


@dataclass(frozen=True, slots=True)
class LinksMissing(Refused):
    """Links are not shown whole, from `first` to `last`; `hash` is that of the last, as the one after it states."""

    first: int
    last: int
    hash: str


@dataclass(frozen=True, slots=True)
class Way:
    """The links from the pinned one, which is not among them, to the newest.

    `bound` are those behind the last gap that was passed over, all of them where there is none (`whole`).
    """

    links: tuple[Index, ...] = ()
    bound: tuple[Index, ...] = ()
    whole: bool = True


def follow(
    pin: PinnedLink, shown: Iterable[Index], newest: Index, heads: Heads, passed: Collection[tuple[int, str]] = ()
) -> Way | Refused:
    """The way to the newest link over the links shown, ascending; refused where they do not follow each other.

    `passed` are the number and hash of each link that a director's repair lets a reader pass over.
    """
    if newest.sequence <= pin.sequence:
        return _same(pin, newest)
    versions = {head.hash: head.version for head in heads.chain}
    last, standing, under = Last(pin.sequence, pin.index), pin.roster, 0
    links, gap = list[Index](), None
    for link in chain(takewhile(lambda each: each.sequence < newest.sequence, shown), (newest,)):
        if link.sequence > last.number + 1 and link.previous is not None:
            if (link.sequence - 1, link.previous) not in passed:
                return LinksMissing("links_missing", last.number + 1, link.sequence - 1, link.previous)
            gap = len(links)
        elif isinstance(next_entry(link, last), Refused):
            return RefusedLink("forked", link.sequence)
        if link.standing.version < standing:
            return RefusedLink("signature_invalid", link.sequence)
        if versions[link.head] < under:
            return RefusedLink("head_differs", link.sequence)
        last, standing, under = Last(link.sequence, link.hash), link.standing.version, versions[link.head]
        links.append(link)
    return Way(tuple(links), tuple(links[gap or 0 :]), gap is None)


def _same(pin: PinnedLink, newest: Index) -> Way | Refused:
    if newest.sequence < pin.sequence:
        return Refused("rolled_back")
    return Way() if newest.hash == pin.index else Refused("forked")


def taken_back(way: Way, pin: PinnedLink, listed: Collection[str]) -> Verdict:
    """Whether what the newest link lists, taken back link by link, gives the root of each one before, and the pin's.

    Behind a gap that was passed over it goes no further: what the lost links changed only they told.
    """
    records, every = frozenset(listed), len(way.bound) * len(listed) < MAX_NODES
    first: PinnedLink | None = pin if way.whole else None
    for link, before in zip(reversed(way.bound), (*reversed(way.bound[:-1]), first), strict=False):
        earlier = listed_before(link, records)
        if isinstance(earlier, Refused):
            return RefusedLink(earlier.reason, link.sequence)
        records, looked = earlier, every or before is pin
        if looked and before is not None and isinstance(has_root(before, records), Refused):
            return RefusedLink("root_differs", link.sequence)
    return ALLOWED
