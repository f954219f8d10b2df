"""The spool holds ciphertext and one sealed ticket; it is gone after a day, and shared by nobody at once."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.client.house import House
from vault.boxes import box
from vault.errors import IntegrityError
from vault.records.encoding import RecordError
from vault.sdk.device.source_file import SourceFile
from vault.sdk.device.spool import Spool, SpoolEntry, Ticket, open_ticket, seal_ticket

SOURCE = SourceFile("/x/a.pdf", 2**60, 2**61, 2**62)
KEY = bytes(32)


def ticket(house: House) -> Ticket:
    house.deposit(house.write("a.pdf", b"inhoud"))
    (one,) = house.listed()
    return Ticket(one.envelope, one.head, b"sealed", SOURCE, house.signed_in.now())


def spooled(house: House) -> tuple[Spool, SpoolEntry, Ticket]:
    spool = Spool(house.signed_in.home, house.signed_in.keyring.spool_key)
    made = ticket(house)
    entry = spool.begin(made.document.id)
    spool.keep(entry, made)
    return spool, entry, made


def test_a_ticket_reads_back_in_its_place_alone(house: House) -> None:
    made = ticket(house)
    sealed = seal_ticket(KEY, made)
    assert open_ticket(KEY, made.document.id, sealed) == made
    for key, document in ((bytes(31) + b"1", made.document.id), (KEY, "0" * 32)):
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
    assert (found.document, found.ticket) == (made.document.id, made)
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
