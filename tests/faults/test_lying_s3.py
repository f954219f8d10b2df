"""An S3 server, or the way to it, that fails or lies: nothing is lost, half done, or taken for what it is not."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.faults.lying_s3 import Answer, Request, error, lose, times
from tests.faults.s3_place import KIB, LARGE, NAME, SMALL, TRIES, put, read, told
from vault.adapters.objects_s3 import Patience, S3Objects
from vault.errors import IntegrityError, UnavailableError

OVERLOADED = [(500, "InternalError"), (503, "SlowDown"), (503, ""), (502, ""), (504, ""), (429, "TooManyRequests")]
ACTS: dict[str, Callable[[S3Objects], object]] = {
    "get": lambda objects: read(objects, NAME),
    "size": lambda objects: objects.size(NAME),
    "names": lambda objects: list(objects.names()),
    "put": lambda objects: put(objects, "d1/c/00001"),
    "remove": lambda objects: objects.remove([NAME]),
    "remove_below": lambda objects: objects.remove_below("d1"),
    "empty_below": lambda objects: objects.empty_below("d1"),
    "check": lambda objects: objects.check(),
}
RIGHT = {"get": SMALL, "size": len(SMALL), "names": [NAME], "put": True, "empty_below": False}


@pytest.mark.parametrize("act", ACTS)
def test_what_is_overloaded_for_a_moment_is_asked_again(place, act):
    for status, code in OVERLOADED:
        answer = error(status, code) if code else Answer(status, b"<html>down</html>", {"Content-Type": "text/html"})
        place.bucket.empty()
        place.fill(NAME)
        place.liar.before = times(2, lambda request, answer=answer: answer)
        assert ACTS[act](place.objects) == RIGHT.get(act), (status, code)
    if act.startswith("remove"):
        assert place.bucket.left() == []


LISTING = ("names", "remove", "remove_below", "empty_below")  # else any bytes may be those of an object


@pytest.mark.parametrize(
    ("act", "fault"),
    [(act, fault) for act in ACTS for fault in ("busy", "cut", "garbage") if fault != "garbage" or act in LISTING],
)
def test_what_stays_broken_is_told_after_a_few_tries(place, act, fault):
    place.fill(NAME)
    garbage = Answer(200, b"<!DOCTYPE html><p>Welcome", {"Content-Type": "text/html"}, said=10_000)
    answers = {"busy": lambda _: error(503, "SlowDown"), "cut": lose, "garbage": lambda _: garbage}
    place.liar.before = answers[fault]
    told(lambda: ACTS[act](place.objects))
    assert len(place.liar.requests) <= TRIES
    place.liar.reset()
    assert place.bucket.left() == [NAME]


@pytest.mark.parametrize("act", ["get", "names", "put", "remove_below"])
def test_a_server_that_says_nothing_is_waited_for_so_long_and_no_longer(place, act):
    place.fill(NAME)
    place.liar.before = lambda _: place.liar.hang()
    hasty = place.bucket.objects(endpoint=place.liar.url, patience=Patience(connect=1, answer=0.1, pauses=(0.01,)))
    assert "ReadTimeoutError" in str(told(lambda: ACTS[act](hasty)))
    assert len(place.liar.requests) == 2
    assert place.bucket.left() == [NAME]


class TestPuts:
    def test_a_body_that_cannot_be_read_twice_is_sent_once(self, place):
        place.liar.before = times(1, lambda _: error(503, "SlowDown"), of=("PUT",))
        told(lambda: put(place.objects, NAME, LARGE))
        assert len(place.liar.acts("PUT")) == 1
        assert place.bucket.left() == []
        assert put(place.objects, NAME, LARGE)

    @pytest.mark.parametrize("at", [0, 1, 300 * KIB, len(LARGE) - 1])
    def test_a_connection_cut_while_a_body_goes_out_leaves_nothing(self, place, at):
        cuts = [at]
        place.liar.taken = lambda request: cuts.pop() if request.act == "PUT" and cuts else None
        told(lambda: put(place.objects, NAME, LARGE))
        assert place.bucket.left() == []
        assert put(place.objects, NAME, LARGE)
        assert read(place.objects, NAME) == LARGE

    def test_a_lost_answer_is_told_and_the_same_put_again_says_that_it_was_kept(self, place):
        place.liar.after = times(1, lose, of=("PUT",))
        told(lambda: put(place.objects, NAME, LARGE))
        assert not put(place.objects, NAME, LARGE)
        assert read(place.objects, NAME) == LARGE
        assert place.bucket.left() == [NAME]

    def test_of_a_small_body_a_lost_answer_is_asked_for_again(self, place):
        place.liar.after = times(1, lose, of=("PUT",))
        assert not put(place.objects, NAME), "it stands there: by the first of the two"
        assert read(place.objects, NAME) == SMALL
        assert place.bucket.left() == [NAME]

    def test_one_who_may_not_look_finds_out_by_the_put(self, place):
        """Without the right to list, S3 says 403 of an absent name."""
        place.liar.before = lambda request: Answer(403) if request.act == "HEAD" else None
        assert put(place.objects, NAME, LARGE)
        told(lambda: put(place.objects, NAME, SMALL))
        place.liar.reset()
        assert read(place.objects, NAME) == LARGE

    def test_a_name_that_was_taken_between_the_look_and_the_put_stays_as_it_is(self, place):
        place.fill(NAME)
        place.liar.before = times(1, lambda _: Answer(404), of=("HEAD",))
        assert not put(place.objects, NAME, LARGE)
        assert read(place.objects, NAME) == SMALL

    def test_one_that_was_taken_and_whose_refusal_was_cut_off_too(self, place):
        place.fill(NAME)
        place.liar.before = times(1, lambda _: Answer(404), of=("HEAD",))
        place.liar.taken = lambda request: 300 * KIB if request.act == "PUT" else None
        much = bytes(24 << 20)  # more than the buffers between the two take in
        assert not put(place.objects, NAME, much)
        assert place.bucket.left() == [NAME]

    @pytest.mark.parametrize("status", [409, 412])
    def test_a_conflict_about_a_name_that_is_free_is_no_object(self, place, status):
        place.liar.before = lambda request: error(status, "Conflict") if request.act == "PUT" else None
        told(lambda: put(place.objects, NAME))
        told(lambda: put(place.objects, NAME, LARGE))

    def test_what_the_source_raises_comes_through_and_leaves_nothing(self, place):
        class Gone(io.BytesIO):
            def readinto(self, buffer: memoryview, /) -> int:
                if self.tell() > 300 * KIB:
                    raise ConnectionResetError("the sender went away")
                return super().readinto(buffer)

        with pytest.raises(ConnectionResetError, match="the sender went away"):
            place.objects.put(NAME, Gone(LARGE), len(LARGE), hashlib.sha256(LARGE).digest())
        assert place.bucket.left() == []


def cut_at(*positions: int) -> Callable[[Request, Answer], Answer]:
    """Each answer to a GET ends after so many bytes."""
    left = list(positions)

    def after(request: Request, answer: Answer) -> Answer:
        if request.act == "GET" and left:
            return replace(answer, body=answer.body[: left.pop(0)], said=len(answer.body))
        return answer

    return after


class TestGets:
    @pytest.fixture(autouse=True)
    def _there(self, place):
        put(place.objects, NAME, LARGE)
        place.liar.requests.clear()

    def test_a_connection_that_is_cut_goes_on_from_where_it_was(self, place):
        for positions in ([0], [1], [256 * KIB], [300 * KIB], [len(LARGE) - 1], [300 * KIB, 10, 260 * KIB]):
            place.liar.after = cut_at(*positions)
            assert read(place.objects, NAME) == LARGE
            place.liar.after = cut_at(*positions)
            assert read(place.objects, NAME, 1000, 700 * KIB) == LARGE[1000 : 1000 + 700 * KIB]
        asked = [request.headers.get("Range") for request in place.liar.acts("GET")]
        assert "bytes=262144-921599" in asked

    def test_one_that_is_always_cut_is_told_and_never_short(self, place):
        place.liar.after = cut_at(*[10] * 100)
        told(lambda: read(place.objects, NAME))
        assert len(place.liar.acts("GET")) <= 2 * TRIES

    @pytest.mark.parametrize("lie", ["whole", "shorter", "elsewhere", "gone", "beyond"])
    def test_what_comes_after_a_cut_must_be_the_rest(self, place, lie):
        def shorter(answer: Answer) -> Answer:
            start = len(LARGE) - len(answer.body)
            return Answer(206, answer.body[:-1], {"Content-Range": f"bytes {start}-{len(LARGE) - 2}/{len(LARGE) - 1}"})

        rest = {
            "whole": lambda answer: Answer(200, LARGE),
            "shorter": shorter,
            "elsewhere": lambda answer: replace(
                answer, headers={**answer.headers, "Content-Range": f"bytes 0-{len(answer.body) - 1}/{len(LARGE)}"}
            ),
            "gone": lambda answer: error(404, "NoSuchKey"),
            "beyond": lambda answer: error(416, "InvalidRange"),
        }
        cut = cut_at(300 * KIB)

        def after(request: Request, answer: Answer) -> Answer:
            first = not place.liar.acts("GET")[1:]
            return cut(request, answer) if first else rest[lie](answer)

        place.liar.after = after
        with pytest.raises((IntegrityError, UnavailableError)):
            read(place.objects, NAME)

    @pytest.mark.parametrize("lie", ["more", "start", "encoded", "unsized"])
    def test_another_stretch_than_was_asked_for_is_refused(self, place, lie):
        said = {
            "more": Answer(206, LARGE[5:30], {"Content-Range": f"bytes 5-29/{len(LARGE)}"}),
            "start": Answer(206, LARGE[:10], {"Content-Range": f"bytes 0-9/{len(LARGE)}"}),
            "encoded": Answer(206, b"x" * 10, {"Content-Range": "bytes 5-14/99", "Content-Encoding": "gzip"}),
            "unsized": Answer(204),
        }
        place.liar.after = lambda request, answer: said[lie] if request.act == "GET" else answer
        with pytest.raises((IntegrityError, UnavailableError)):
            read(place.objects, NAME, 5, 10)

    def test_connections_left_in_the_middle_disturb_no_other_reading(self, place):
        for _ in range(20):
            pieces = place.objects.get(NAME)
            next(pieces)
            pieces.close()
            del pieces
        assert read(place.objects, NAME) == LARGE


LISTED = b"<ListBucketResult><IsTruncated>%s</IsTruncated>%s</ListBucketResult>"
KEY = b"<Contents><Key>%s</Key><Size>1</Size></Contents>"
LISTINGS = {
    "no order": LISTED % (b"false", KEY % b"d2" + KEY % b"d1"),
    "twice": LISTED % (b"false", KEY % b"d2" + KEY % b"d2"),
    "no step": LISTED % (b"true", b"<NextContinuationToken>x</NextContinuationToken>"),
    "no end": LISTED % (b"true", KEY % b"d2" + b"<NextContinuationToken>x</NextContinuationToken>"),
    "no next": LISTED % (b"true", KEY % b"d2"),
    "no size": LISTED % (b"false", b"<Contents><Key>d2</Key><Size>many</Size></Contents>"),
    "entities": b"<!DOCTYPE x [<!ENTITY a 'b'>]>" + LISTED % (b"false", KEY % b"&a;"),
    "half": LISTED[:-10] % (b"false", KEY % b"d2"),
    "another": b"<Error><Code>Fine</Code></Error>",
    "nothing": b"",
    "no text": LISTED % (b"false", KEY % b"\xff"),
    "too long": b" " * (9 << 20),
}


@pytest.mark.parametrize("kind", LISTINGS)
def test_a_listing_that_makes_no_sense_is_told_and_no_empty_bucket(place, kind):
    place.liar.before = lambda request: (
        Answer(200, LISTINGS[kind], {"Content-Type": "application/xml"}) if request.act == "LIST" else None
    )
    told(lambda: list(place.objects.names()))


def test_a_server_that_lists_no_versions_although_it_could_is_no_server_without_versions(place):
    place.fill(NAME)
    place.liar.before = times(9, lambda _: error(501, "NotImplemented"), of=("VERSIONS",))
    assert not place.objects.empty_below("d1"), "what it lists otherwise counts"
    place.liar.before = lambda request: error(403, "AccessDenied") if request.act == "VERSIONS" else None
    told(lambda: place.objects.empty_below("d1"))


def test_who_may_neither_read_nor_list_is_not_told_that_a_name_is_free(place):
    place.fill(NAME)
    place.liar.before = lambda request: Answer(403) if request.act == "HEAD" else error(403, "AccessDenied")
    told(lambda: place.objects.size(NAME))
    place.liar.before = lambda request: Answer(403) if request.act == "HEAD" else error(500, "InternalError")
    told(lambda: place.objects.size(NAME))


def test_names_that_are_no_names_of_ours_are_passed_over(place):
    listed = LISTED % (b"false", b"".join(KEY % key for key in (b".hidden", b"UPPER", b"d1/", b"d1/a")))
    place.liar.before = lambda request: Answer(200, listed) if request.act == "LIST" else None
    assert list(place.objects.names()) == ["d1/a"]
