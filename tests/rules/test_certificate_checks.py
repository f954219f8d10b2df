"""A check counts if it is of this very certificate, not from before it, and by a device that had seen its tombstones."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.records import samples
from tests.records.practice import COACH, DOSSIER, NOW, next_roster, rosters
from vault.records.envelope import Envelope, SignatureError
from vault.records.seen import Seen, Sighting
from vault.records.types.certificate import Certificate
from vault.records.types.certificate_check import CertificateCheck
from vault.records.types.tombstone import Tombstone
from vault.rules.certificate_checks import read_check
from vault.rules.terms import CLOCK_SLACK

CERTIFICATE = Certificate.read(samples.certificate())
GRAVE = Tombstone.read(samples.tombstone(sequence=3))
INSTANT = timedelta(seconds=1)  # the smallest difference that a record can say


def read(envelope: Envelope) -> CertificateCheck:
    return read_check(envelope, CERTIFICATE, [GRAVE], rosters())


def seeing(number: int, hash_: str | None) -> Seen:
    return Seen(Sighting(number, hash_))


JUST_IT = seeing(3, GRAVE.hash)


def test_a_check_says_whose_certificate_it_is_of():
    check = read(samples.certificate_check(seen=JUST_IT))
    assert (check.dossier, check.certificate, check.signer) == (DOSSIER, CERTIFICATE.hash, COACH)


@pytest.mark.parametrize("changes", [{"dossier": "ff" * 16}, {"id": "ff" * 16}, {"certificate": "ff" * 32}])
def test_a_check_of_another_certificate_is_none(changes):
    with pytest.raises(SignatureError, match="another certificate"):
        read(samples.certificate_check(seen=JUST_IT, **changes))


def test_clocks_may_be_apart_by_the_slack_and_no_second_more():
    assert read(samples.certificate_check(seen=JUST_IT, at=NOW - CLOCK_SLACK)).at == NOW - CLOCK_SLACK
    with pytest.raises(SignatureError, match="before its certificate"):
        read(samples.certificate_check(seen=JUST_IT, at=NOW - CLOCK_SLACK - INSTANT))


def test_a_check_stands_on_no_older_roster_than_its_certificate():
    chain = rosters()
    later = chain.append(next_roster(chain))
    certificate = Certificate.read(samples.certificate(standing=later.standing))
    old = samples.certificate_check(seen=JUST_IT, certificate=certificate.hash)
    with pytest.raises(SignatureError, match="before its certificate"):
        read_check(old, certificate, [GRAVE], later)
    new = samples.certificate_check(seen=JUST_IT, certificate=certificate.hash, standing=later.standing)
    assert read_check(new, certificate, [GRAVE], later).standing == later.standing


def test_who_saw_less_than_the_tombstone_or_another_in_its_place_checked_nothing():
    for seen in (seeing(2, "2e" * 32), seeing(3, "3e" * 32), Seen()):
        with pytest.raises(SignatureError, match="had not seen"):
            read(samples.certificate_check(seen=seen))


def test_who_saw_more_names_another_entry():
    seen = seeing(4, "4e" * 32)
    assert read(samples.certificate_check(seen=seen)).seen.ledger == seen.ledger
