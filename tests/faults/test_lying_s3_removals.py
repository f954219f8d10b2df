"""A server that removes less than it says, or lists what is not so: a removal ends when nothing is there, or says so."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.faults.lying_s3 import Answer, Request, also, entry, error, lose, times, without
from tests.faults.s3_place import TRIES, Place, put, told

NAMES = [f"d1/c/{number:05d}" for number in range(6)]


def some_fail(code: str, *, removed: bool = False) -> Callable[[Request], Answer]:
    """A multi-object delete that says Error for every other object, and leaves those unless `removed`."""

    def rule(request: Request) -> Answer:
        names = re.findall(rb"<Object><Key>([^<]*)</Key><VersionId>([^<]*)</VersionId></Object>", request.body)
        assert names
        errors = b"".join(
            b"<Error><Key>%s</Key><VersionId>%s</VersionId><Code>%s</Code></Error>" % (name, version, code.encode())
            for name, version in names
        )
        return Answer(200, b"<DeleteResult>%s</DeleteResult>" % errors, {"Content-Type": "application/xml"})

    return rule


NOTHING_SAID = Answer(200, b"<DeleteResult></DeleteResult>", {"Content-Type": "application/xml"})


class TestRemovals:
    @pytest.fixture(autouse=True)
    def _there(self, place):
        place.fill(*NAMES)

    @pytest.fixture(params=["names", "folder"])
    def remove(self, place, request):
        if request.param == "names":
            return lambda: place.objects.remove(NAMES)
        return lambda: place.objects.remove_below("d1")

    def test_a_delete_that_fails_for_some_for_a_moment_is_repeated(self, place, remove):
        place.liar.before = times(2, some_fail("InternalError"), of=("DELETE",))
        remove()
        assert place.bucket.left() == []

    @pytest.mark.parametrize("code", ["AccessDenied", "ObjectLocked"])
    def test_a_delete_that_is_refused_for_some_is_told(self, place, remove, code):
        place.liar.before = times(1, some_fail(code), of=("DELETE",))
        assert code in str(told(remove))
        remove()
        assert place.bucket.left() == []

    @pytest.mark.parametrize("status", [500, 503])
    def test_a_delete_that_is_refused_as_a_whole_for_a_moment_is_repeated(self, place, remove, status):
        place.liar.before = times(2, lambda _: error(status, "SlowDown"), of=("DELETE",))
        remove()
        assert place.bucket.left() == []

    def test_a_delete_that_says_done_and_did_nothing_is_noticed(self, place, remove):
        place.liar.before = times(2, lambda _: NOTHING_SAID, of=("DELETE",))
        remove()
        assert place.bucket.left() == []

    def test_one_that_never_does_anything_is_told(self, place, remove):
        place.liar.before = lambda request: NOTHING_SAID if request.act == "DELETE" else None
        told(remove)
        assert len(place.liar.acts("DELETE")) == TRIES
        assert place.bucket.left() == NAMES

    def test_a_lost_answer_is_no_loss(self, place, remove):
        place.liar.after = times(1, lose, of=("DELETE",))
        remove()
        assert place.bucket.left() == []

    def test_a_listing_that_still_shows_what_is_gone_is_asked_again(self, place, remove):
        ghost = self._ghost(place)
        stale = times(2, lambda _, answer: replace(answer, body=also(answer.body, ghost)), of=("VERSIONS",))
        place.liar.after = lambda request, answer: stale(request, answer) if place.liar.acts("DELETE") else answer
        remove()
        assert place.bucket.left() == []

    def test_a_listing_that_always_shows_it_is_told(self, place, remove):
        ghost = self._ghost(place)
        place.liar.after = lambda request, answer: (
            replace(answer, body=also(answer.body, ghost)) if request.act == "VERSIONS" else answer
        )
        told(remove)
        assert place.bucket.left() == []

    def test_what_one_listing_hides_the_next_one_shows(self, place):
        hide = times(2, lambda _, answer: replace(answer, body=without(answer.body, NAMES[3])), of=("VERSIONS",))
        place.liar.after = hide
        place.objects.remove_below("d1")
        assert place.bucket.left() == [NAMES[3]]
        assert not place.objects.empty_below("d1"), "which is why an erasure lists again before it is certified"

    def test_what_a_listing_shows_beside_the_folder_is_not_removed(self, place):
        put(place.objects, "d10/c/00000")
        place.objects.empty_below("d10")
        beside = place.liar.forward(place.liar.requests[-1]).body
        shown = entry(beside, "d10/c/00000")
        place.liar.after = lambda request, answer: (
            replace(answer, body=also(answer.body, shown)) if request.act == "VERSIONS" else answer
        )
        place.objects.remove_below("d1")
        assert place.bucket.left() == ["d10/c/00000"]

    @staticmethod
    def _ghost(place: Place) -> bytes:
        place.objects.empty_below("d1")
        ghost = entry(place.liar.forward(place.liar.requests[-1]).body, NAMES[1])
        place.liar.requests.clear()
        return ghost
