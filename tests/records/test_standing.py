"""FORMAT.md: what salted digests and derived ids are made of, byte by byte."""

from __future__ import annotations

import hashlib

from tests.records.practice import DOSSIER
from vault.records.standing import Standing, read_standing, salted_digest
from vault.records.types.tombstone import retention_id


def test_a_card_is_the_digest_of_salt_name_and_address():
    """`card` = SHA-256(lp(`vault/v1/card`, salt, name, e-mail address in lower case)), hex."""
    said = b"\0\0\0\x0dvault/v1/card" + b"\0\0\0\x10" + b"s" * 16 + b"\0\0\0\x03Jan" + b"\0\0\0\x06j@x.nl"
    assert salted_digest("card", b"s" * 16, b"Jan", b"j@x.nl") == hashlib.sha256(said).hexdigest()


def test_retention_names_its_erasure_after_the_dossier():
    """First 16 bytes of SHA-256(`vault/v1/retention` ‖ dossier id as text), so that both sides find it."""
    assert retention_id(DOSSIER) == hashlib.sha256(b"vault/v1/retention" + DOSSIER.encode()).digest()[:16].hex()


def test_what_a_record_stands_on_is_written_as_it_is_read():
    fields = {"version": 3, "hash": "aa" * 32}
    assert read_standing({"roster": fields}) == Standing(3, "aa" * 32)
    assert Standing(3, "aa" * 32).to_json() == fields
