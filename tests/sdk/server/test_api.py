"""The API client: sessions, lists page by page, downloads that go on, and no way by a redirect or proxy."""

from __future__ import annotations

import pytest

from tests.answering_server import Answer, Request
from tests.sdk.server.fake_server import Switch, ok
from vault.sdk.errors import AnswerError, ApiError, ServerUnreachableError
from vault.sdk.server.api import Api


def test_a_request_carries_the_session_and_json(switch: Switch) -> None:
    api = switch.always(ok({"fine": 1}))
    assert api.post("/x", json={"a": "é"}) == {"fine": 1}
    request = switch.server.requests[-1]
    assert (request.method, request.path) == ("POST", "/api/v1/x")
    assert request.headers["Authorization"] == "Dossier-Session secret-token"
    assert request.json == {"a": "é"}


def test_a_receivers_proof_replaces_the_session(switch: Switch) -> None:
    api = switch.always(ok({}))
    api.get("/pickup/1/cover", headers={"Authorization": 'Dossier-Link possess="x"'})
    assert switch.server.requests[-1].headers["Authorization"] == 'Dossier-Link possess="x"'


def test_nobody_there_is_unreachable() -> None:
    with pytest.raises(ServerUnreachableError):
        Api("http://127.0.0.1:1").get("/x")


def test_a_redirect_is_not_followed(switch: Switch) -> None:
    with pytest.raises(ApiError):
        switch.always(Answer(302, b"", {"Location": "/elsewhere"})).get("/x")
    assert len(switch.server.requests) == 1


def test_a_list_is_read_page_by_page(switch: Switch) -> None:
    pages = {"limit=2": ([{"n": 1}, {"n": 2}], "2"), "after=2&limit=2": ([{"n": 3}], None)}

    def respond(request: Request) -> Answer:
        items, following = pages[request.path.partition("?")[2]]
        return ok({"items": items, "next": following})

    switch.respond = respond
    assert [item["n"] for item in Api(switch.server.url).pages("/x", limit=2)] == [1, 2, 3]


@pytest.mark.parametrize(
    "answer",
    [{"items": [{}], "next": "a"}, {"items": [], "next": "b"}, {"items": [1]}, {}, {"items": [{}], "next": "&"}],
)
def test_a_list_without_end_or_items_is_refused(switch: Switch, answer: dict[str, object]) -> None:
    with pytest.raises(AnswerError):
        list(switch.always(ok(answer)).pages("/x"))


def test_a_download_goes_on_where_it_was(switch: Switch) -> None:
    api = switch.always(Answer(206, b"cdef", {"Content-Range": "bytes 2-5/6"}))
    with api.download("/b", 2) as body:
        assert (body.start, body.total, body.read(9)) == (2, 6, b"cdef")
    assert switch.server.requests[-1].headers["Range"] == "bytes=2-"


def test_a_download_of_the_whole_says_that_it_begins_at_0(switch: Switch) -> None:
    with switch.always(Answer(200, b"abcdef")).download("/b", 2) as body:
        assert (body.start, body.total, body.read(9)) == (0, 6, b"abcdef")


def test_another_part_than_was_asked_for_is_refused(switch: Switch) -> None:
    with pytest.raises(AnswerError):
        switch.always(Answer(206, b"cdef", {"Content-Range": "bytes 1-5/6"})).download("/b", 2)


def test_a_download_that_is_cut_says_so(switch: Switch) -> None:
    with switch.always(Answer(200, b"abc", said=100)).download("/b") as body:
        assert body.read(9) == b"abc"
        with pytest.raises(ServerUnreachableError):
            body.read(9)


def test_a_proxy_of_the_environment_is_not_used(switch: Switch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert switch.always(ok({"here": True})).get("/x") == {"here": True}
