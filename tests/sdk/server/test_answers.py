"""A gateway's answers: bounded, strict, and every refusal an error somebody can act on."""

from __future__ import annotations

import pytest

from tests.answering_server import Answer
from tests.sdk.server.fake_server import Switch, problem
from vault.sdk.errors import AnswerError, ApiError, NotSignedInError, ServerUnreachableError
from vault.sdk.server import answers


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


@pytest.mark.parametrize("body", [b"[]", b"no", b'{"a":1,"a":2}', b'{"a":1.5}', b"\xff", b'{"a":' * 40])
def test_an_answer_that_is_not_strict_json_is_refused(switch: Switch, body: bytes) -> None:
    with pytest.raises(AnswerError):
        switch.always(Answer(200, body, {"Content-Type": "application/json"})).get("/x")


def test_an_answer_beyond_the_limit_is_dropped(switch: Switch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "MAX_ANSWER", 1000)
    monkeypatch.setattr(answers, "MAX_PROBLEM", 1000)
    for status in (200, 400):
        with pytest.raises(AnswerError):
            switch.always(Answer(status, b"x" * 2000)).get("/x")


def test_an_answer_that_is_cut_is_no_answer(switch: Switch) -> None:
    with pytest.raises(ServerUnreachableError):
        switch.always(Answer(200, b'{"a":', said=100)).get("/x")
