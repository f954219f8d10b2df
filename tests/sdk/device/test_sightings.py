"""The newest numbers of a chain that a device verified, and what contradicts them."""

from __future__ import annotations

import pytest

from tests.client.house import House
from vault.records.encoding import RecordError
from vault.records.seen import NOTHING_SEEN, Seen, Sighting
from vault.sdk.device.pins import Pins
from vault.sdk.device.pins_file import load_pins, open_pins, save_pins, seal_pins
from vault.sdk.device.sightings import LONGEST, Claim, Tail, claims_of, read_claims, read_tails
from vault.sdk.errors import ForkError, RollbackError

KEY = b"k" * 32


def hashes(first: int, count: int) -> tuple[str, ...]:
    return tuple(f"{number:064x}" for number in range(first, first + count))


def claim(number: int, hash_: str = "", chain: str = "checkpoint") -> Claim:
    return Claim(chain, number, hash_ or f"{number:064x}", "0a" * 16, "ff" * 32)


def test_entries_are_joined_without_a_gap_and_the_newest_are_kept() -> None:
    tail = Tail(1, ()).joined(1, hashes(1, 3))
    assert (tail.first, tail.last) == (1, 3)
    assert tail.joined(3, hashes(3, 2)) == Tail(1, hashes(1, 4))
    assert tail.joined(4, hashes(4, 2)) == Tail(1, hashes(1, 5))
    assert tail.joined(1, hashes(1, 4)) == Tail(1, hashes(1, 4))
    assert tail.joined(9, hashes(9, 2)) == Tail(9, hashes(9, 2))
    long = tail.joined(4, hashes(4, LONGEST))
    assert (long.first, long.last, len(long.hashes)) == (4, LONGEST + 3, LONGEST)
    assert (long.at(3), long.at(4), long.at(long.last + 1)) == (None, hashes(4, 1)[0], None)


def test_a_record_claims_what_its_signer_saw() -> None:
    assert claims_of(NOTHING_SEEN, "m", "ff" * 32) == []
    seen = Seen(Sighting(2, "b" * 64), Sighting(7, "7" * 64))
    assert [(each.chain, each.number, each.hash) for each in claims_of(seen, "m", "ff" * 32)] == [
        ("ledger", 2, "b" * 64),
        ("checkpoint", 7, "7" * 64),
    ]


def test_a_claim_is_judged_by_what_was_verified() -> None:
    pins = Pins()
    assert pins.judge(claim(1)) is None
    pins.see_links("checkpoint", 5, hashes(5, 3))
    assert [pins.judge(claim(number)) for number in (4, 5, 7, 8)] == [None, True, True, None]
    assert pins.judge(claim(6, "f" * 64)) is False
    assert pins.claims == {claim(6, "f" * 64)}
    pins.contradict(claim(9))
    pins.see_links("checkpoint", 8, hashes(8, 2))
    assert pins.judge(claim(9)) is True
    assert pins.claims == {claim(6, "f" * 64)}


def test_what_was_pinned_is_not_taken_back() -> None:
    pins = Pins()
    pins.see_links("ledger", 1, hashes(1, 3))
    with pytest.raises(RollbackError):
        pins.see_links("ledger", 1, hashes(1, 2))
    with pytest.raises(ForkError):
        pins.see_links("ledger", 1, hashes(2, 3))
    assert pins.seen == Seen(ledger=Sighting(3, hashes(3, 1)[0]))


def test_they_are_kept_sealed_and_two_commands_lose_none(house: House) -> None:
    home, one, two = house.at("links"), Pins(), Pins()
    one.see_links("checkpoint", 1, hashes(1, 2))
    one.contradict(claim(9))
    kept = open_pins(seal_pins(one, KEY), KEY)
    assert (kept.tails, kept.claims, kept.seen) == (one.tails, one.claims, one.seen)
    save_pins(one, home, KEY)
    two.see_links("checkpoint", 1, hashes(1, 4))
    two.contradict(claim(8))
    save_pins(two, home, KEY)
    one.see_links("checkpoint", 3, hashes(3, 1))
    save_pins(one, home, KEY)
    kept = load_pins(home, KEY)
    assert (kept.tails["checkpoint"], kept.claims) == (Tail(1, hashes(1, 4)), {claim(8), claim(9)})
    kept.see_links("checkpoint", 5, hashes(5, 4))
    assert kept.judge(claim(8)) is True
    save_pins(kept, home, KEY)
    assert load_pins(home, KEY).claims == {claim(9)}


@pytest.mark.parametrize("value", [[], [1], ["x", "A"], [0, "AA"], {"a": 1}, None])
def test_a_damaged_tail_or_claim_is_refused(value: object) -> None:
    with pytest.raises(RecordError):
        read_tails({"tails": {"ledger": value}})
    with pytest.raises(RecordError):
        read_claims({"claims": [value]})
    assert (read_tails({}), read_claims({})) == ({}, frozenset())
