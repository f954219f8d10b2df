"""The spool holds a sealed ticket and what was encrypted; it is gone after a day, and shared by nobody at once."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.client.house import House
from vault.boxes import box
from vault.errors import IntegrityError
from vault.records.encoding import RecordError
from vault.sdk.device.source_file import SourceFile
from vault.sdk.device.spool import Spool, SpoolEntry, Ticket, Wanted, open_ticket, seal_ticket
from vault.sdk.documents.sealing import FileKey
from vault.sdk.documents.signing import new_intent

SOURCE = SourceFile("/x/a.pdf", 2**60, 2**61, 2**62)
KEY = bytes(32)


def ticket(house: House) -> Ticket:
    intent = new_intent(house.dossier, FileKey(), 1016, "other")
    envelope = house.signed_in.sign("intent", intent.content())
    return Ticket(envelope, b"head", Wanted("a.pdf", "", "x"), SOURCE, house.signed_in.now())


def spooled(house: House) -> tuple[Spool, SpoolEntry, Ticket]:
    spool = Spool(house.signed_in.home, house.signed_in.keyring.spool_key)
    made = ticket(house)
    entry = spool.begin(made.reserved.id)
    spool.keep(entry, made)
    return spool, entry, made


def test_a_ticket_reads_back_in_its_place_alone(house: House) -> None:
    made = ticket(house)
    sealed = seal_ticket(KEY, made)
    assert open_ticket(KEY, made.reserved.id, sealed) == made
    for key, document in ((bytes(31) + b"1", made.reserved.id), (KEY, "0" * 32)):
        with pytest.raises(IntegrityError):
            open_ticket(key, document, sealed)
    assert b"a.pdf" not in sealed


@given(st.binary(max_size=200))
def test_a_forged_ticket_is_refused(content: bytes) -> None:
    place = b"\0\0\0\x0evault/v1/spool\0\0\0\x20" + b"0" * 32
    with pytest.raises(IntegrityError):
        open_ticket(KEY, "0" * 32, content)
    with pytest.raises(RecordError):
        open_ticket(KEY, "0" * 32, box(KEY, place, content))


def test_a_ticket_that_is_too_large_is_refused() -> None:
    with pytest.raises(RecordError):
        open_ticket(KEY, "0" * 32, bytes(2**20))


def test_a_deposit_is_found_by_the_file_as_it_stands(house: House) -> None:
    spool, entry, made = spooled(house)
    assert spool.find(house.dossier.id, SOURCE) is None, "somebody works on it"
    entry.close()
    assert spool.find("0" * 32, SOURCE) is None
    assert spool.find(house.dossier.id, SourceFile("/x/a.pdf", 1, 2, 3)) is None
    found = spool.find(house.dossier.id, SOURCE)
    assert found is not None
    assert (found.document, found.ticket) == (made.reserved.id, made)
    found.close()


def test_a_day_later_it_is_gone(house: House) -> None:
    spool, entry, made = spooled(house)
    late = made.at + timedelta(days=1, seconds=1)
    spool.sweep(late)
    assert entry.folder.exists(), "somebody works on it"
    entry.close()
    spool.sweep(made.at + timedelta(hours=23))
    assert entry.folder.exists()
    spool.sweep(late)
    assert not entry.folder.exists()


def test_what_was_never_finished_is_thrown_away(house: House) -> None:
    spool = Spool(house.signed_in.home, house.signed_in.keyring.spool_key)
    entry = spool.begin("0" * 32)
    entry.close()
    (house.signed_in.home.spool / "damaged").mkdir()
    spool.sweep(house.signed_in.now())
    assert not list(house.signed_in.home.spool.iterdir())


def test_a_damaged_ticket_is_thrown_away(house: House) -> None:
    spool, entry, made = spooled(house)
    entry.close()
    (entry.folder / "sealed").write_bytes(b"damaged")
    assert spool.find(house.dossier.id, SOURCE) is None
    spool.sweep(made.at)
    assert not entry.folder.exists()


# The journal


def test_what_was_claimed_stands_for_who_goes_on(house: House) -> None:
    spool, entry, _ = spooled(house)
    assert entry.claims.claim(0, b"a" * 32)
    assert entry.claims.claim(7, b"b" * 32)
    entry.close()
    found = spool.find(house.dossier.id, SOURCE)
    assert found is not None
    assert [found.claims.claim(block, digest * 32) for block, digest in ((0, b"a"), (7, b"a"), (1, b"c"))] == [
        True,
        False,
        True,
    ]
    found.close()


@pytest.mark.parametrize("cut", range(0, 77, 7))
def test_a_line_that_was_cut_off_is_none_and_the_next_takes_its_place(house: House, cut: int) -> None:
    spool, entry, _ = spooled(house)
    entry.claims.claim(0, b"a" * 32)
    entry.claims.claim(1, b"b" * 32)
    entry.close()
    journal = entry.folder / "claims"
    journal.write_bytes(journal.read_bytes()[: 77 + cut])
    for _ in range(2):
        found = spool.find(house.dossier.id, SOURCE)
        assert found is not None
        assert found.claims.claim(1, b"c" * 32), "nothing was encrypted there"
        found.close()


@pytest.mark.parametrize(
    "change", [lambda line: bytes(77), lambda line: line[:76] + bytes([line[76] ^ 1]), lambda line: b"1" + line[1:]]
)
def test_a_damaged_journal_is_followed_by_nobody(house: House, change: Callable[[bytes], bytes]) -> None:
    spool, entry, made = spooled(house)
    entry.claims.claim(0, b"a" * 32)
    entry.close()
    journal = entry.folder / "claims"
    journal.write_bytes(change(journal.read_bytes()))
    assert spool.find(house.dossier.id, SOURCE) is None
    spool.sweep(made.at + timedelta(days=2))
    assert not entry.folder.exists()


def test_a_ticket_without_its_journal_is_followed_by_nobody(house: House) -> None:
    spool, entry, made = spooled(house)
    entry.close()
    (entry.folder / "claims").unlink()
    assert spool.find(house.dossier.id, SOURCE) is None
    spool.sweep(made.at + timedelta(days=2))
    assert not entry.folder.exists()
