"""The codec of records: a class is read and written by its annotations, and by nothing else."""

from __future__ import annotations

from dataclasses import dataclass, make_dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

import pytest

from vault.records.encoding import RecordError
from vault.records.envelope import Envelope
from vault.records.fields import (
    At,
    Day,
    Flag,
    Hash,
    Id,
    Instant,
    Key,
    Listed,
    Number,
    OmittedEmpty,
    Ordinal,
    text,
    whole,
    word,
)
from vault.records.record import Record, form_of, plan, read_fields, write_fields
from vault.records.standing import Standing, StandsOn

NOW = datetime(2026, 11, 29, tzinfo=UTC)
ROSTER = {"version": 3, "hash": "aa" * 32}


@dataclass(frozen=True, slots=True)
class Page:
    number: Ordinal
    note: Annotated[str, text(5)]


@dataclass(frozen=True, slots=True)
class Review(Record):
    """A type that nobody else knows."""

    standing: StandsOn
    id: Annotated[Id, At("review")]
    first: Annotated[Page, At("pages.first")]
    others: Annotated[tuple[Page, ...], Listed(0, 2), At("pages.others")]
    keys: Annotated[tuple[Key, ...], Listed(1, 2)]
    marks: Annotated[tuple[Number, ...], Listed(0, 2)]
    read_again: Flag
    answer: Hash | None
    due: Day | None
    at: Instant
    words: Annotated[tuple[Annotated[str, text(5)], ...], Listed(0, 3), OmittedEmpty()] = ()

    def check(self) -> None:
        if self.first in self.others:
            raise RecordError("a page stands twice")


FIELDS = {
    "roster": ROSTER,
    "review": "0a" * 16,
    "pages": {"first": {"number": 1, "note": "x"}, "others": [{"number": 2, "note": "y"}]},
    "keys": ["A" * 43],
    "marks": [0, 1],
    "read_again": True,
    "answer": None,
    "due": "2027-01-31",
    "at": "2026-11-29T00:00:00Z",
}
COMMON = {"v": 1, "type": "review", "practice": "0b" * 16, "signer": "0c" * 16}


@pytest.fixture(autouse=True)
def fresh():
    """Every test looks at the classes anew."""
    plan.cache_clear()


def read(**changes):
    return Review.read(Envelope("review", b"", (), {**COMMON, **FIELDS, **changes}))


def test_every_attribute_is_read_from_where_its_annotation_says():
    review = read()
    assert review.standing == Standing(3, "aa" * 32)
    assert (review.first, review.others) == (Page(1, "x"), (Page(2, "y"),))
    assert (review.keys, review.marks, review.read_again) == ((bytes(32),), (0, 1), True)
    assert (review.answer, str(review.due), review.at, review.words) == (None, "2027-01-31", NOW, ())


def test_what_the_envelope_says_is_taken_from_it_and_not_written():
    review = read()
    assert (review.practice, review.signer) == ("0b" * 16, "0c" * 16)
    assert review.hash == Envelope("review", b"", (), {}).hash
    assert review.content() == FIELDS
    with pytest.raises(RecordError):
        read(practice="0B" * 16)


def test_an_empty_list_that_may_be_left_out_is_and_null_says_the_same():
    assert "words" not in read(words=[]).content()
    assert read(words=["a", "b"]).content() == FIELDS | {"words": ["a", "b"]}
    assert read(words=None).content() == read(words=[]).content()


def test_a_field_that_may_be_null_may_be_absent_and_is_written_as_null():
    fields = {name: value for name, value in FIELDS.items() if name not in ("answer", "due")}
    review = Review.read(Envelope("review", b"", (), {**COMMON, **fields}))
    assert (review.answer, review.due) == (None, None)
    assert review.content() == FIELDS | {"answer": None, "due": None}
    assert read(answer="cc" * 32).content()["answer"] == "cc" * 32


@pytest.mark.parametrize("name", sorted(set(FIELDS) - {"answer", "due"}))
def test_any_other_field_is_there_and_of_its_form(name):
    for broken in (None, "", 1.5, [None], {}):
        with pytest.raises(RecordError):
            read(**{name: broken})
    absent = {other: value for other, value in FIELDS.items() if other != name}
    with pytest.raises(RecordError):
        Review.read(Envelope("review", b"", (), {**COMMON, **absent}))


@pytest.mark.parametrize(
    "pages",
    [
        {"first": {"number": 1, "note": "x"}, "others": [{"number": n, "note": "y"} for n in (2, 3, 4)]},
        {"first": {"number": 0, "note": "x"}, "others": []},
        {"first": {"number": 1, "note": "xxxxxx"}, "others": []},
        {"first": {"number": 1, "note": "x"}, "others": [{"number": 1, "note": "x"}]},
        {"first": {"number": 1, "note": "x"}, "others": ["x"]},
        {"first": [], "others": []},
    ],
)
def test_bounds_hold_inside_and_the_class_has_the_last_word(pages):
    with pytest.raises(RecordError):
        read(pages=pages)


def test_a_list_has_as_many_members_as_its_annotation_says():
    for count in (1, 2):
        assert len(read(keys=["A" * 43] * count).keys) == count
    for count in (0, 3):
        with pytest.raises(RecordError):
            read(keys=["A" * 43] * count)


def test_an_error_names_the_field():
    with pytest.raises(RecordError, match="'number'"):
        read_fields(Page, {"number": True, "note": "x"})
    with pytest.raises(RecordError, match="'marks'"):
        read(marks=["x"])


def test_a_part_of_a_record_is_read_and_written_alone():
    assert read_fields(Page, {"number": 1, "note": "x", "unknown": {}}) == Page(1, "x")
    assert write_fields(Page(1, "x")) == {"number": 1, "note": "x"}


def test_a_class_is_looked_at_once():
    assert plan(Review) is plan(Review)


@pytest.mark.parametrize("hint", [str, tuple[Id, ...], Id | Number, Annotated[int, "whole"], int | None])
def test_an_annotation_without_a_form_is_a_mistake_in_the_class(hint):
    with pytest.raises(TypeError):
        form_of(hint)


def test_the_bounds_of_a_form_are_its_own():
    assert read_fields(Page, {"number": 2**53 - 1, "note": "xxxxx"}).number == 2**53 - 1
    assert form_of(Annotated[int, whole(2, 3)]).read({"n": 3}, "n") == 3
    for number in (1, 4):
        with pytest.raises(RecordError):
            form_of(Annotated[int, whole(2, 3)]).read({"n": number}, "n")


def of_words(**hints: Any) -> Any:
    """A class made now: the forms of the types of records were made when they were imported."""
    return make_dataclass("Made", list(hints.items()), frozen=True)


def test_a_word_outside_its_set_is_told_wherever_it_stands():
    kind: Any = Annotated[str, word(frozenset({"client", "staff"}))]
    inner = of_words(kind=kind)
    several: Any = Annotated[tuple[inner, ...], Listed(0, 3)]
    known, strange = inner("staff"), inner("other")
    for form, told, quiet in (
        (form_of(kind), "other", "staff"),
        (form_of(inner), strange, known),
        (form_of(several), (known, strange), (known, known)),
        (form_of(of_words(inside=inner)), of_words(inside=inner)(strange), of_words(inside=inner)(known)),
    ):
        assert form.unknown is not None
        assert (form.unknown(told), form.unknown(quiet)) == (True, False)


def test_what_holds_no_words_is_not_looked_through():
    plain = of_words(number=Ordinal)
    for hint in (plain, Annotated[tuple[plain, ...], Listed(0, 3)]):
        assert form_of(hint).unknown is None


def test_a_class_that_is_no_dataclass_has_no_form():
    with pytest.raises(TypeError, match="no form of a field"):
        form_of(int)
