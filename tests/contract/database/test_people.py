from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from tests.contract.samples import DAY, NOW, chain, former, id_, member, practice, session, throttle
from vault.domain.clock import ClockWord
from vault.domain.sessions import STEPS_APART
from vault.ports.errors import ConflictError
from vault.ports.store import Store


def test_there_is_one_practice(store: Store) -> None:
    with store.transaction() as rows:
        assert rows.practice() is None
        rows.add_practice(practice())
        assert rows.practice() == practice()
        with pytest.raises(ConflictError):
            rows.add_practice(practice(id=id_(9)))
    with store.transaction() as rows:
        assert rows.practice() == practice()


def test_a_chain_is_read_in_order_of_versions(store: Store) -> None:
    with store.transaction() as rows:
        assert rows.newest("roster") is None
        for version in (2, 1, 10, 3):
            rows.add_chain(chain("roster", version))
        rows.add_chain(chain("policy", 1))
        assert [record.version for record in rows.chain("roster")] == [1, 2, 3, 10]
        assert [record.version for record in rows.chain("roster", after=1, limit=2)] == [2, 3]
        assert rows.newest("roster") == chain("roster", 10)


def test_a_version_of_a_chain_stands_for_good(store: Store) -> None:
    with store.transaction() as rows:
        rows.add_chain(chain("roster", 1))
        with pytest.raises(ConflictError):
            rows.add_chain(chain("roster", 1))


def test_a_version_is_written_anew_where_it_is_there_and_nowhere_else(store: Store) -> None:
    mended = replace(chain("roster", 2), hash="0" * 64, record=b"whole", signatures=b"theirs")
    with store.transaction() as rows:
        rows.add_chain(chain("roster", 1))
        rows.add_chain(chain("roster", 2))
        rows.mend_chain(mended)
        rows.mend_chain(chain("policy", 1))
        assert rows.chain("roster") == [chain("roster", 1), mended]
        assert rows.chain("policy") == []


def test_records_of_a_chain_are_found_by_their_hashes(store: Store) -> None:
    with store.transaction() as rows:
        for kind, version in (("tombstone", 3), ("tombstone", 1), ("tombstone", 2), ("roster", 1)):
            rows.add_chain(chain(kind, version))
        named = ["tombstone-3", "roster-1", "tombstone-1", "nowhere", "tombstone-3", *(f"x{n}" for n in range(1100))]
        assert rows.chain_by_hash("tombstone", named) == [chain("tombstone", 1), chain("tombstone", 3)]
        assert rows.chain_by_hash("tombstone", []) == []


def test_members_are_found_by_id_and_by_address(store: Store) -> None:
    with store.transaction() as rows:
        rows.add_member(member(1))
        rows.add_member(member(2, login=None, totp=None, parameters=None, keyring=None, lock=None, recovery=None))
        assert rows.member(id_(1)) == rows.member_by_email(b"e1") == member(1)
        assert rows.member(id_(3)) is None
        assert rows.member_by_email(b"e3") is None


@pytest.mark.parametrize("twin", [member(1, email=b"other"), member(2, email=b"e1")], ids=["id", "address"])
def test_an_id_and_an_address_belong_to_one_member(store: Store, twin: object) -> None:
    with store.transaction() as rows:
        rows.add_member(member(1))
        with pytest.raises(ConflictError):
            rows.add_member(twin)  # type: ignore[arg-type]


def test_an_update_leaves_one_time_step_and_birth_alone(store: Store) -> None:
    with store.transaction() as rows:
        rows.add_member(member(1, totp_step=7))
        rows.update_member(member(1, login=b"new", email=b"new", totp_step=1, created_at=NOW - DAY))
        assert rows.member(id_(1)) == member(1, login=b"new", email=b"new", totp_step=7)


def test_an_update_cannot_take_the_address_of_another(store: Store) -> None:
    with store.transaction() as rows:
        rows.add_member(member(1))
        rows.add_member(member(2))
        with pytest.raises(ConflictError):
            rows.update_member(member(2, email=b"e1"))


def test_an_update_of_nobody_is_a_fault(store: Store) -> None:
    with store.transaction() as rows, pytest.raises(LookupError):
        rows.update_member(member(1))


def test_a_one_time_step_is_spent_once_and_never_backwards(store: Store) -> None:
    with store.transaction() as rows:
        rows.add_member(member(1))
        assert [rows.spend_totp(id_(1), step) for step in (5, 5, 4, 6)] == [True, False, False, True]
        assert not rows.spend_totp(id_(2), 9)


def test_a_new_second_factor_begins_at_its_own_step(store: Store) -> None:
    with store.transaction() as rows:
        rows.add_member(member(1, totp_step=1000))
        rows.begin_totp(id_(1), 5)
        assert [rows.spend_totp(id_(1), step) for step in (5, 6)] == [False, True]


def test_a_recovery_code_is_spent_once_and_a_new_set_ends_the_old_one(store: Store) -> None:
    with store.transaction() as rows:
        for number in (1, 2):
            rows.add_member(member(number))
            rows.set_codes(id_(number), [b"b", b"a"])
        assert [rows.spend_code(id_(1), code) for code in (b"a", b"a", b"x")] == [True, False, False]
        assert (rows.codes(id_(1)), rows.codes(id_(2))) == ([b"b"], [b"a", b"b"])
        rows.set_codes(id_(1), [b"c"])
        rows.set_codes(id_(2), [])
        assert (rows.codes(id_(1)), rows.codes(id_(2))) == ([b"c"], [])
    with store.transaction() as rows, pytest.raises((LookupError, ConflictError)):
        rows.set_codes(id_(9), [b"c"])


def test_former_credentials_are_kept_the_first_of_a_second_and_swept_by_the_time_of_the_change(store: Store) -> None:
    with store.transaction() as rows:
        for number in (1, 2):
            rows.add_member(member(number))
        older = former(at=NOW - DAY, login=b"older", factor_at=NOW)
        for each in (former(), former(login=b"the same second"), older, former(2)):
            rows.keep_former(each)
        assert rows.formers(id_(1)) == [older, former()]
        assert rows.sweep_formers(NOW - DAY) == 0
        assert rows.sweep_formers(NOW) == 1
        assert (rows.formers(id_(1)), rows.formers(id_(2))) == ([former()], [former(2)])


def test_the_sessions_of_a_member_are_listed_and_all_but_one_of_them_end(store: Store) -> None:
    with store.transaction() as rows:
        rows.add_member(member(1))
        rows.add_member(member(2))
        rows.add_session(session(1, created_at=NOW + DAY))
        rows.add_session(session(2, details=None, opened=None))
        rows.add_session(session(3, member=id_(2)))
        assert [each.token for each in rows.sessions(id_(1))] == [b"s2", b"s1"]
        rows.end_sessions(id_(1), b"s1")
        assert [rows.session(b"s%d" % number) is None for number in (1, 2, 3)] == [False, True, False]
        with pytest.raises(ConflictError):
            rows.add_session(session(4, id=id_(101)))


def test_sessions_live_and_end(store: Store) -> None:
    with store.transaction() as rows:
        rows.add_member(member(1))
        rows.add_member(member(2))
        for number, owner in ((1, 1), (2, 1), (3, 2)):
            rows.add_session(session(number, member=id_(owner)))
        rows.touch_session(b"s1", NOW + DAY)
        rows.touch_session(b"unknown", NOW)
        assert rows.session(b"s1") == session(1, seen_at=NOW + DAY)
        rows.end_session(b"s1")
        rows.end_session(b"s1")
        assert rows.session(b"s1") is None
        rows.end_sessions(id_(1))
        assert rows.session(b"s2") is None
        assert rows.session(b"s3") == session(3, member=id_(2))
        rows.end_sessions()
        assert rows.session(b"s3") is None


def test_a_session_belongs_to_a_member_and_its_token_to_one_session(store: Store) -> None:
    with store.transaction() as rows:
        rows.add_member(member(1))
        rows.add_session(session(1))
        with pytest.raises(ConflictError):
            rows.add_session(session(1))
        with pytest.raises(LookupError):
            rows.add_session(session(2, member=id_(9)))


def test_the_sweep_takes_idle_and_old_sessions_only(store: Store) -> None:
    with store.transaction() as rows:
        rows.add_member(member(1))
        rows.add_session(session(1, seen_at=NOW - timedelta(seconds=1)))
        rows.add_session(session(2, created_at=NOW - DAY - timedelta(seconds=1)))
        rows.add_session(session(3, created_at=NOW - DAY))
        ahead = NOW + timedelta(seconds=1)
        rows.add_session(session(4, created_at=ahead, seen_at=NOW))
        rows.add_session(session(5, seen_at=ahead))
        assert rows.sweep_sessions(NOW, NOW - DAY, NOW) == 4
        assert [number for number in range(1, 6) if rows.session(b"s%d" % number)] == [3]


def test_a_step_that_a_clock_from_ahead_used_is_void(store: Store) -> None:
    with store.transaction() as rows:
        rows.add_member(member(1, totp_step=1000))
        assert not rows.spend_totp(id_(1), 1000 - STEPS_APART)
        assert rows.spend_totp(id_(1), 999 - STEPS_APART)
        assert not rows.spend_totp(id_(1), 999 - STEPS_APART)


def test_each_member_has_one_word_on_the_clock_the_newest(store: Store) -> None:
    with store.transaction() as rows:
        for number in (2, 1):
            rows.add_member(member(number))
            rows.keep_word(ClockWord(id_(number), NOW))
        rows.keep_word(ClockWord(id_(2), NOW - DAY))
        assert rows.clock_words() == [ClockWord(id_(1), NOW), ClockWord(id_(2), NOW - DAY)]


def test_a_throttle_is_set_again_and_cleared(store: Store) -> None:
    with store.transaction() as rows:
        assert rows.throttle(b"k") is None
        rows.set_throttle(throttle())
        rows.set_throttle(throttle(failures=2, until=NOW + DAY))
        assert rows.throttle(b"k") == throttle(failures=2, until=NOW + DAY)
        rows.clear_throttle(b"k")
        rows.clear_throttle(b"k")
        assert rows.throttle(b"k") is None


def test_instants_come_back_in_utc_to_the_second(store: Store) -> None:
    amsterdam = timezone(timedelta(hours=1))
    given = datetime(2026, 12, 4, 17, 0, 0, 999_999, tzinfo=amsterdam)
    with store.transaction() as rows:
        rows.set_throttle(throttle(until=given))
        found = rows.throttle(b"k")
        assert found is not None
        assert found.until == NOW
        assert found.until.tzinfo is UTC


def test_an_instant_without_zone_is_refused(store: Store) -> None:
    with pytest.raises(Exception, match="zone"), store.transaction() as rows:
        rows.set_throttle(throttle(until=datetime(2026, 12, 4)))  # noqa: DTZ001


def test_the_sweep_of_throttles_leaves_those_that_make_wait_longest(store: Store) -> None:
    with store.transaction() as rows:
        for number in range(6):
            rows.set_throttle(throttle(key=b"%d" % number, until=NOW + timedelta(seconds=number // 2)))
        assert rows.sweep_throttles(NOW, NOW + DAY, 6) == 0
        assert rows.sweep_throttles(NOW + timedelta(seconds=1), NOW + DAY, 6) == 2
        assert rows.sweep_throttles(NOW, NOW + DAY, 3) == 2
        assert [rows.throttle(b"%d" % number) is None for number in range(6)] == [True] * 4 + [False] * 2
        rows.set_throttle(throttle(key=b"ahead", until=NOW + DAY + timedelta(seconds=1)))
        assert rows.sweep_throttles(NOW, NOW + DAY, 2) == 1, "one from ahead takes nobody's place"
        assert rows.sweep_throttles(NOW, NOW + DAY, 0) == 2
