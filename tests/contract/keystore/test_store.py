from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.contract.samples import damage_key, id_, tombstoned
from vault.domain.erasures import LedgerRow
from vault.errors import IntegrityError
from vault.ports.errors import ConflictError, DamagedKeyError, ShreddedError, TombstonedError
from vault.ports.keystore import Keystore, Layer, Opened, Subject, SubjectKind

A = Subject(SubjectKind.DOSSIER, id_(1))
B = Subject(SubjectKind.DOCUMENT, id_(1))
C = Subject(SubjectKind.SHARE, id_(2))


def test_what_is_sealed_opens_again(keystore: Keystore) -> None:
    keystore.create([A])
    assert keystore.unseal(A, "head", "row", keystore.seal(A, "head", "row", b"text")) == b"text"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(plaintext=st.binary(max_size=2000), field=st.text(max_size=20), row=st.text(max_size=20))
def test_any_value_opens_again_and_is_not_seen(keystore: Keystore, plaintext: bytes, field: str, row: str) -> None:
    keystore.create([A])
    sealed = keystore.seal(A, field, row, plaintext)
    assert keystore.unseal(A, field, row, sealed) == plaintext
    assert len(sealed) == 1 + 24 + len(plaintext) + 16
    assert len(plaintext) < 4 or plaintext not in sealed


def test_the_same_value_is_sealed_differently_each_time(keystore: Keystore) -> None:
    keystore.create([A])
    assert keystore.seal(A, "f", "r", b"text") != keystore.seal(A, "f", "r", b"text")


@pytest.mark.parametrize(
    ("subject", "field", "row"), [(B, "f", "r"), (A, "g", "r"), (A, "f", "s"), (A, "fr", ""), (A, "", "fr")]
)
def test_a_sealed_value_opens_only_where_it_belongs(keystore: Keystore, subject: Subject, field: str, row: str) -> None:
    keystore.create([A, B])
    sealed = keystore.seal(A, "f", "r", b"text")
    with pytest.raises(IntegrityError):
        keystore.unseal(subject, field, row, sealed)


def test_any_changed_bit_is_noticed(keystore: Keystore) -> None:
    keystore.create([A])
    sealed = keystore.seal(A, "f", "r", b"text")
    for bit in range(len(sealed) * 8):
        changed = bytearray(sealed)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(IntegrityError):
            keystore.unseal(A, "f", "r", bytes(changed))


@pytest.mark.parametrize("length", [0, 1, 24, 25, 40])
def test_a_value_that_was_cut_off_is_noticed(keystore: Keystore, length: int) -> None:
    keystore.create([A])
    with pytest.raises(IntegrityError):
        keystore.unseal(A, "f", "r", keystore.seal(A, "f", "r", b"text")[:length])


def test_many_are_sealed_and_opened_in_order(keystore: Keystore) -> None:
    subjects = [Subject(kind, id_(number)) for kind in SubjectKind for number in range(250)]
    keystore.create(subjects)
    plain = [(subject, "f", "r", subject.id.encode()) for subject in reversed(subjects)] * 2
    sealed = keystore.seal_many(plain)
    named = [(subject, field, row, value) for (subject, field, row, _), value in zip(plain, sealed, strict=True)]
    assert keystore.unseal_each(single(named)) == [value for _, _, _, value in plain]
    assert keystore.unseal_each([]) == keystore.seal_many([]) == []


def single(sealed: list[tuple[Subject, str, str, bytes]]) -> list[tuple[list[Layer], bytes]]:
    """Boxes of one layer each."""
    return [([(subject, field, row)], value) for subject, field, row, value in sealed]


def test_keys_are_made_and_sealed_under_in_one_commit(keystore: Keystore) -> None:
    new, [sealed] = keystore.create_sealing([A], [(A, "f", "r", b"text")])
    assert new
    assert keystore.unseal(A, "f", "r", sealed) == b"text"
    new, [again] = keystore.create_sealing([A], [(A, "f", "r", b"more")])
    assert not new
    assert keystore.unseal_each(single([(A, "f", "r", sealed), (A, "f", "r", again)])) == [b"text", b"more"]
    keystore.turn()
    _, [after] = keystore.create_sealing([A, B], [(A, "f", "r", b"last")])
    assert keystore.unseal(A, "f", "r", after) == b"last"
    assert keystore.exists(B)
    keystore.shred([A])
    with pytest.raises(TombstonedError):
        keystore.create_sealing([A], [(A, "f", "r", b"text")])


def test_one_missing_key_among_many_shuts_what_it_sealed_alone(keystore: Keystore) -> None:
    keystore.create([A])
    sealed = keystore.seal(A, "f", "r", b"text")
    opened, missing = keystore.unseal_each(single([(A, "f", "r", sealed), (B, "f", "r", sealed)]))
    assert (opened, type(missing)) == (b"text", ShreddedError)
    with pytest.raises(ShreddedError):
        keystore.seal_many([(A, "f", "r", b""), (B, "f", "r", b"")])


def test_one_wrong_value_among_many_is_an_error_in_its_place(keystore: Keystore) -> None:
    keystore.create([A])
    sealed = keystore.seal(A, "f", "r", b"text")
    wrong, opened = keystore.unseal_each(single([(A, "f", "other", sealed), (A, "f", "r", sealed)]))
    assert (isinstance(wrong, IntegrityError), opened) == (True, b"text")
    assert not isinstance(wrong, DamagedKeyError)


def test_a_damaged_key_shuts_what_it_sealed_alone(keystore: Keystore) -> None:
    keystore.create([A, B, C])
    sealed = [(subject, "f", "r", keystore.seal(subject, "f", "r", b"text")) for subject in (A, B, C)]
    damage_key(keystore, B)
    keystore.shred([C])
    assert [value if isinstance(value, bytes) else type(value) for value in keystore.unseal_each(single(sealed))] == [
        b"text",
        DamagedKeyError,
        ShreddedError,
    ]
    with pytest.raises(DamagedKeyError):
        keystore.unseal(*sealed[1])
    with pytest.raises(DamagedKeyError):
        keystore.seal(B, "f", "r", b"text")
    with pytest.raises(DamagedKeyError):
        keystore.create_sealing([B], [(B, "f", "r", b"text")])
    keystore.check()


def test_a_damaged_key_keeps_no_other_from_being_turned_and_can_be_shredded(keystore: Keystore) -> None:
    keystore.create([A, B])
    sealed = [(subject, "f", "r", keystore.seal(subject, "f", "r", b"text")) for subject in (A, B)]
    damage_key(keystore, B)
    first = keystore.turn()
    assert keystore.turn() == first + 1
    assert keystore.unseal(*sealed[0]) == b"text"
    with pytest.raises(DamagedKeyError):
        keystore.unseal(*sealed[1])
    keystore.shred([B])
    keystore.turn()
    assert not keystore.exists(B)
    with pytest.raises(ShreddedError):
        keystore.unseal(*sealed[1])
    assert keystore.unseal(*sealed[0]) == b"text"


def test_boxes_open_through_their_layers_whoever_of_them_are_left(keystore: Keystore) -> None:
    keystore.create([A, B])
    once = keystore.seal(A, "cover", "r", b"one")
    twice = keystore.seal(A, "entry", "r/1", keystore.seal(B, "entry", "r/1", b"two"))
    outer, inner = [(A, "cover", "r")], [(A, "entry", "r/1"), (B, "entry", "r/1")]
    boxes = [(outer, once), (inner, twice), ([*inner[:1], (C, "entry", "r/1")], twice)]
    assert present(keystore.unseal_each(boxes)) == [b"one", b"two", None]
    keystore.shred([B])
    assert present(keystore.unseal_each(boxes)) == [b"one", None, None], "a shred counts at once"
    keystore.shred([A])
    assert present(keystore.unseal_each(boxes)) == [None, None, None]


def present(opened: list[Opened]) -> list[bytes | None]:
    """The values, None where a key is gone and for no other reason."""
    assert all(isinstance(value, bytes | ShreddedError) for value in opened)
    return [value if isinstance(value, bytes) else None for value in opened]


def test_a_layer_that_is_not_its_own_is_an_error_in_its_place(keystore: Keystore) -> None:
    keystore.create([A, B])
    box = keystore.seal(A, "f", "r", keystore.seal(B, "f", "other", b"text"))
    wrong, opened = keystore.unseal_each([([(A, "f", "r"), (B, "f", "r")], box), ([(A, "f", "r")], box)])
    assert (isinstance(wrong, IntegrityError), isinstance(opened, bytes)) == (True, True)


def test_ids_of_two_kinds_are_told_apart(keystore: Keystore) -> None:
    twin = Subject(next(kind for kind in SubjectKind if kind != A.kind), A.id)
    keystore.create([A])
    boxes = single([(A, "f", "r", keystore.seal(A, "f", "r", b"")), (twin, "f", "r", b"")])
    assert present(keystore.unseal_each(boxes)) == [b"", None]


def test_a_subject_that_has_a_key_keeps_it(keystore: Keystore) -> None:
    keystore.create([A])
    sealed = keystore.seal(A, "f", "r", b"text")
    keystore.create([A, B, A])
    keystore.create([])
    assert keystore.unseal(A, "f", "r", sealed) == b"text"
    assert [keystore.exists(subject) for subject in (A, B, C)] == [True, True, False]


def test_without_a_key_nothing_is_sealed_or_opened(keystore: Keystore) -> None:
    keystore.create([A])
    sealed = keystore.seal(A, "f", "r", b"text")
    with pytest.raises(ShreddedError):
        keystore.seal(B, "f", "r", b"text")
    with pytest.raises(ShreddedError):
        keystore.unseal(B, "f", "r", sealed)


def test_a_shred_counts_at_once_and_for_that_subject_alone(keystore: Keystore) -> None:
    keystore.create([A, B])
    sealed = {subject: keystore.seal(subject, "f", "r", b"text") for subject in (A, B)}
    for _ in range(2):
        keystore.shred([A])
    keystore.shred([])
    with pytest.raises(ShreddedError):
        keystore.unseal(A, "f", "r", sealed[A])
    with pytest.raises(ShreddedError):
        keystore.seal(A, "f", "r", b"")
    assert keystore.unseal(B, "f", "r", sealed[B]) == b"text"
    assert (keystore.exists(A), tombstoned(keystore, A)) == (False, True)
    assert (keystore.exists(B), tombstoned(keystore, B)) == (True, False)


def test_a_tombstoned_subject_is_never_created_again_nor_those_named_with_it(keystore: Keystore) -> None:
    keystore.create([A])
    keystore.shred([A, C])  # C never had a key: it can get none any more
    for subject in (A, C):
        with pytest.raises(TombstonedError):
            keystore.create([B, subject])
        assert not keystore.exists(B)
    keystore.turn()
    with pytest.raises(TombstonedError):
        keystore.create([A])


def test_a_whole_practice_is_shredded_in_one_call(keystore: Keystore) -> None:
    subjects = [Subject(SubjectKind.DOCUMENT, id_(number)) for number in range(50_000)]
    keystore.create([A, *subjects[::1000]])
    keystore.shred(subjects)
    assert all(tombstoned(keystore, subject) for subject in subjects[::5000])
    assert not any(keystore.exists(subject) for subject in subjects[::5000])
    assert keystore.exists(A)


def test_the_ledger_keeps_what_was_inscribed_in_its_order(keystore: Keystore) -> None:
    entries = [LedgerRow(number, b"envelope %d" % number) for number in (1, 2, 3)]
    assert keystore.ledger() == []
    for entry in (entries[1], entries[0], entries[2], entries[1]):
        keystore.inscribe(entry)
    assert keystore.ledger() == entries
    assert keystore.ledger(after=1, limit=1) == [entries[1]]
    assert keystore.ledger(after=3) == []


def test_no_entry_of_the_ledger_is_written_over(keystore: Keystore) -> None:
    keystore.inscribe(LedgerRow(1, b"one"))
    with pytest.raises(ConflictError):
        keystore.inscribe(LedgerRow(1, b"other"))
    keystore.create([A])
    keystore.shred([A])
    keystore.turn()
    assert keystore.ledger() == [LedgerRow(1, b"one")]


def test_a_turn_changes_nothing_for_those_who_stay(keystore: Keystore) -> None:
    keystore.create([A, B])
    sealed = keystore.seal(A, "f", "r", b"text")
    keystore.shred([B])
    first = keystore.turn()
    assert keystore.turn() == first + 1
    assert keystore.unseal(A, "f", "r", sealed) == b"text"
    assert (keystore.exists(B), tombstoned(keystore, B)) == (False, True)
    keystore.create([C])
    assert keystore.unseal(C, "f", "r", keystore.seal(C, "f", "r", b"")) == b""


def test_a_keystore_without_keys_is_turned_and_checked(keystore: Keystore) -> None:
    keystore.check()
    keystore.turn()
    keystore.check()
    keystore.create([A])
    keystore.check()


def test_a_reader_never_fails_while_the_keystore_is_turned(keystore: Keystore) -> None:
    keystore.create([A, *(Subject(SubjectKind.NOTICE, id_(number)) for number in range(50))])
    sealed = keystore.seal(A, "f", "r", b"text")
    with ThreadPoolExecutor(4) as pool:
        turning = pool.submit(lambda: [keystore.turn() for _ in range(10)])
        reading = [pool.submit(read_while, keystore, sealed, turning.done) for _ in range(3)]
        assert all(reader.result() for reader in reading)
        assert len(set(turning.result())) == 10


def read_while(keystore: Keystore, sealed: bytes, done: object) -> bool:
    while not done():  # type: ignore[operator]
        assert keystore.unseal(A, "f", "r", sealed) == b"text"
    return keystore.unseal(A, "f", "r", keystore.seal(A, "f", "r", b"text")) == b"text"


def test_it_says_whether_every_key_is_new(keystore: Keystore) -> None:
    assert keystore.create([A])
    assert not keystore.create([A, B])
    assert keystore.create([C])


def test_its_subjects_come_in_pages(keystore: Keystore) -> None:
    others = [Subject(SubjectKind.DOCUMENT, id_(number)) for number in range(2, 6)]
    keystore.create([A, C, *others])
    keystore.shred([others[0]])
    found: list[Subject] = []
    while page := keystore.subjects(after=found[-1] if found else None, limit=2):
        assert len(page) <= 2
        found += page
    assert found == sorted([A, C, *others[1:]])
    assert keystore.subjects() == found
    assert keystore.subjects(after=C) == []
