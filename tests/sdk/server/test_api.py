"""The API client: bounded, strict, and every failure an error somebody can act on."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator

import pytest

from tests.sdk.server.fake_server import Answer, FakeServer, Request, ok, problem
from vault.errors import ConfigurationError
from vault.sdk.errors import AnswerError, ApiError, NotSignedInError, ServerUnreachableError
from vault.sdk.server import api as api_module
from vault.sdk.server.api import Api, Part

Respond = Callable[[Request], Answer]


class Switch:
    """A server whose answer the test sets."""

    def __init__(self) -> None:
        self.respond: Respond = lambda _: ok({})
        self.server = FakeServer(self._answer)

    def _answer(self, request: Request) -> Answer:
        return self.respond(request)

    def always(self, answer: Answer) -> Api:
        self.respond = lambda _: answer
        return Api(self.server.url, "secret-token")


@pytest.fixture
def switch() -> Iterator[Switch]:
    made = Switch()
    yield made
    made.server.close()


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


def test_a_problem_becomes_an_error_with_its_code_and_members(switch: Switch) -> None:
    api = switch.always(problem(409, "index_stale", {"Retry-After": "60"}, index={"record": "x"}, advice="again"))
    with pytest.raises(ApiError) as caught:
        api.post("/x")
    assert (caught.value.status, caught.value.code, caught.value.advice) == (409, "index_stale", "again")
    assert caught.value.extra == {"index": {"record": "x"}}
    assert caught.value.retry_after == 60


def test_a_refusal_that_is_no_problem_still_gives_an_error(switch: Switch) -> None:
    with pytest.raises(ApiError) as caught:
        switch.always(Answer(418, b"<html>teapot</html>", {"Content-Type": "text/html"})).get("/x")
    assert caught.value.code == "http_418"


def test_control_characters_of_a_server_never_reach_the_terminal(switch: Switch) -> None:
    with pytest.raises(ApiError) as caught:
        switch.always(problem(400, "bad", advice="\x1b[2Jgone")).get("/x")
    assert "\x1b" not in caught.value.advice


def test_401_asks_to_sign_in(switch: Switch) -> None:
    with pytest.raises(NotSignedInError):
        switch.always(problem(401, "sign_in")).get("/x")


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_server_that_is_not_ready_is_unreachable(switch: Switch, status: int) -> None:
    with pytest.raises(ServerUnreachableError) as caught:
        switch.always(problem(status, "restored", {"Retry-After": "7"})).get("/x")
    assert (caught.value.reason, caught.value.retry_after) == ("restored", 7)


def test_nobody_there_is_unreachable() -> None:
    with pytest.raises(ServerUnreachableError):
        Api("http://127.0.0.1:1").get("/x")


def test_a_redirect_is_not_followed(switch: Switch) -> None:
    with pytest.raises(ApiError):
        switch.always(Answer(302, b"", {"Location": "/elsewhere"})).get("/x")
    assert len(switch.server.requests) == 1


@pytest.mark.parametrize("body", [b"[]", b"no", b'{"a":1,"a":2}', b'{"a":1.5}', b"\xff", b'{"a":' * 40])
def test_an_answer_that_is_not_strict_json_is_refused(switch: Switch, body: bytes) -> None:
    with pytest.raises(AnswerError):
        switch.always(Answer(200, body, {"Content-Type": "application/json"})).get("/x")


def test_an_answer_beyond_the_limit_is_dropped(switch: Switch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api_module, "MAX_ANSWER", 1000)
    monkeypatch.setattr(api_module, "MAX_PROBLEM", 1000)
    for status in (200, 400):
        with pytest.raises(AnswerError):
            switch.always(Answer(status, b"x" * 2000)).get("/x")


def test_an_answer_that_is_cut_is_no_answer(switch: Switch) -> None:
    with pytest.raises(ServerUnreachableError):
        switch.always(Answer(200, b'{"a":', cut=True)).get("/x")


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


def test_uploads_stream_with_their_length(switch: Switch) -> None:
    api = switch.always(ok({}))
    api.upload("PUT", "/s", iter([b"ab", b"c"]), 3, {"Content-Digest": "d"})
    api.upload("PUT", "/s", io.BytesIO(b"file"), 4)
    first, second = switch.server.requests
    assert (first.body, first.headers["Content-Length"], first.headers["Content-Digest"]) == (b"abc", "3", "d")
    assert second.body == b"file"


def test_a_source_that_fails_is_not_taken_for_a_bad_connection(switch: Switch) -> None:
    def broken() -> Iterator[bytes]:
        yield b"a"
        raise LookupError("the disk")

    with pytest.raises(LookupError):
        switch.always(ok({})).upload("PUT", "/s", broken(), 3)


def test_parts_are_sent_in_their_order(switch: Switch) -> None:
    switch.always(ok({})).multipart("/m", [("record", b"{}"), Part("body", b"\r\n--x", "text/plain")])
    request = switch.server.requests[-1]
    assert request.body.index(b'name="record"') < request.body.index(b'name="body"')
    boundary = request.headers["Content-Type"].partition("boundary=")[2]
    assert request.body.endswith(f"--{boundary}--\r\n".encode())


def test_a_download_goes_on_where_it_was(switch: Switch) -> None:
    api = switch.always(Answer(206, b"cdef", {"Content-Range": "bytes 2-5/6"}))
    with api.download("/b", 2) as body:
        assert (body.start, body.total, b"".join(body)) == (2, 6, b"cdef")
    assert switch.server.requests[-1].headers["Range"] == "bytes=2-"


def test_a_download_of_the_whole_says_that_it_begins_at_0(switch: Switch) -> None:
    with switch.always(Answer(200, b"abcdef")).download("/b", 2) as body:
        assert (body.start, body.total, b"".join(body)) == (0, 6, b"abcdef")


def test_another_part_than_was_asked_for_is_refused(switch: Switch) -> None:
    with pytest.raises(AnswerError):
        switch.always(Answer(206, b"cdef", {"Content-Range": "bytes 1-5/6"})).download("/b", 2)


def test_a_download_that_is_cut_says_so(switch: Switch) -> None:
    with switch.always(Answer(200, b"abc", cut=True)).download("/b") as body, pytest.raises(ServerUnreachableError):
        list(body)


@pytest.mark.parametrize(
    "url", ["", "ftp://x", "http://example.nl", "https://u:p@x.nl", "https://x.nl/?a=b", "http://10.0.0.1", "http://["]
)
def test_an_address_that_is_none_or_not_safe_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError):
        Api(url)


@pytest.mark.parametrize("url", ["http://localhost:1", "http://[::1]:1", "http://127.0.0.9", "https://x.nl/vault/"])
def test_https_and_this_machine_are_fine(url: str) -> None:
    assert repr(Api(url, "secret")) == f"Api({url.rstrip('/')!r})"


def test_a_proxy_of_the_environment_is_not_used(switch: Switch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert switch.always(ok({"here": True})).get("/x") == {"here": True}
