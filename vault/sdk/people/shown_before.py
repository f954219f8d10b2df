"""What this device has seen signed by the installation: kept, and shown again to a server that was put back whole.

Such a server shows less than this device has pinned, and no comparison of its stores finds it. Its own signatures
prove it: the newest checkpoint, and the ledger, whose evidence lets it erase again what had been erased.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from vault.boxes import BoxError, box, unbox
from vault.errors import UnavailableError
from vault.records import read
from vault.records.encoding import RecordError
from vault.records.envelope import Envelope, from_json
from vault.records.seen import LEDGER
from vault.records.strict_json import dump, parse_object
from vault.records.types.tombstone import Tombstone
from vault.rules.rights import check_signer
from vault.sdk.device.home import MAX_FILE, Home
from vault.sdk.device.pin_kinds import Mark
from vault.sdk.errors import ApiError

if TYPE_CHECKING:
    from vault.sdk.people.session import SignedIn

FILE = "seen"
VERSION = 1
AAD = b"vault/v1/seen"
MOST = 500
MOST_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class ShownBefore:
    """The newest checkpoint, and entries of the ledger as `/tombstones` gave them, ascending."""

    checkpoint: Envelope | None = None
    entries: tuple[dict[str, Any], ...] = ()

    @property
    def newest(self) -> Mark | None:
        """The newest tombstone in it."""
        last = _tombstone(self.entries[-1]) if self.entries else None
        return None if last is None else Mark(last.sequence, last.hash)

    def seal(self, key: bytes) -> bytes:
        """As it lies on disk: a box under the pins key."""
        checkpoint = None if self.checkpoint is None else self.checkpoint.to_json()
        return box(key, AAD, dump({"v": VERSION, "checkpoint": checkpoint, "ledger": list(self.entries)}))


def open_shown(sealed: bytes, key: bytes) -> ShownBefore:
    """The inverse of `seal`; raises BoxError or RecordError. Signatures are not verified here."""
    fields = parse_object(unbox(key, AAD, sealed), limit=MAX_FILE)
    if fields.get("v") != VERSION:
        raise RecordError("unknown version of what was seen")
    checkpoint = read.optional(read.mapping, fields, "checkpoint")
    entries = read.objects(fields, "ledger", least=0, most=MOST)
    found = ShownBefore(None if checkpoint is None else from_json(checkpoint, "checkpoint"), tuple(entries))
    for entry in entries:
        _tombstone(entry)
    return found


def load_shown(home: Home, key: bytes) -> ShownBefore:
    """This device's copy; empty where there is none. A damaged one is begun anew: pins hold what counts."""
    sealed = home.read(FILE)
    with suppress(BoxError, RecordError):
        if sealed is not None:
            return open_shown(sealed, key)
    return ShownBefore()


def keep_shown(signed_in: SignedIn) -> None:
    """Add what came since; a chain that is doubted stays as it was."""
    home, key = signed_in.home, signed_in.keyring.pins_key
    before = load_shown(home, key)
    checkpoint, entries = signed_in.newest_checkpoint or before.checkpoint, before.entries
    mark = signed_in.pins.marks.get(LEDGER)
    if mark is not None and mark != before.newest and not signed_in.doubts:
        entries = _newer(signed_in, before, mark)
    found = ShownBefore(checkpoint, _fitting(entries))
    if found != before:
        home.write(FILE, found.seal(key))


def show_again(signed_in: SignedIn) -> bool:
    """Show the server what it showed before, one erasure at a time; whether it stands still for it now."""
    before = load_shown(signed_in.home, signed_in.keyring.pins_key)
    checkpoint = None if before.checkpoint is None else before.checkpoint.to_json()
    groups = [list(group) for _, group in groupby(before.entries, key=lambda each: _tombstone(each).evidence)]
    frozen = False
    for number, entries in enumerate([[], *groups]):
        with suppress(
            ApiError, UnavailableError
        ):  # what it does not take it has a reason for, and the doubt is said all the same
            request = {"checkpoint": None if number else checkpoint, "tombstones": entries}
            frozen |= signed_in.api.post("/seen", json=request).get("frozen") is True
    return frozen


def _newer(signed_in: SignedIn, before: ShownBefore, mark: Mark) -> tuple[dict[str, Any], ...]:
    """Up to `mark`: what follows is added, and a ledger that began anew after a director's word replaces it."""
    known, oldest = before.newest, max(0, mark.number - MOST)
    if known is not None and known.number >= oldest:
        added = tuple(_verified(signed_in, signed_in.api.pages("/tombstones", after=str(known.number))))
        if added and _tombstone(added[0]).previous == known.hash:
            return before.entries + added
    return tuple(_verified(signed_in, signed_in.api.pages("/tombstones", after=str(oldest))))


def _verified(signed_in: SignedIn, items: Iterable[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    for item in items:
        check_signer(from_json(read.mapping(item, "tombstone"), "tombstone"), signed_in.rosters)
        yield {"tombstone": item["tombstone"], "evidence": item.get("evidence")}


def _tombstone(entry: dict[str, Any]) -> Tombstone:
    return Tombstone.read(from_json(read.mapping(entry, "tombstone"), "tombstone"))


def _fitting(entries: Sequence[dict[str, Any]]) -> tuple[dict[str, Any], ...]:
    """The newest of them that fit the file; those of one erasure stay together, since the first has the evidence."""
    found: list[list[dict[str, Any]]] = []
    count = size = 0
    groups = [list(group) for _, group in groupby(entries, key=lambda each: _tombstone(each).evidence)]
    for group in reversed(groups):
        count, size = count + len(group), size + len(dump({"entries": group}))
        if count > MOST or size > MOST_BYTES:
            break
        found.append(group)
    return tuple(entry for group in reversed(found) for entry in group)
