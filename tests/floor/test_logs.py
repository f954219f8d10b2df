"""A log line says what happened, and nothing that anybody wrote."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from io import StringIO
from typing import Any

import pytest

from vault.logs import JsonLines, to_standard_error
from vault.secret import SecretText

HUSH = "Jan de Vries"


def line(message: object, *values: object, part: str | None = None, **more: Any) -> dict[str, Any]:
    record = logging.LogRecord("kombu", logging.WARNING, "f", 1, message, values, more.pop("exc_info", None))
    record.created = datetime(2026, 12, 4, 16, 0, tzinfo=UTC).timestamp()
    for name, value in more.items():
        setattr(record, name, value)
    text = JsonLines(part).format(record)
    assert "\n" not in text
    assert HUSH not in text
    return json.loads(text)


def test_a_line_has_its_time_level_logger_and_event() -> None:
    time = "2026-12-04T16:00:00.000+00:00"
    expected = {"time": time, "level": "warning", "logger": "kombu", "event": "no"}
    assert line("no") == expected
    assert list(line("no", part="worker2")) == ["time", "level", "logger", "part", "event"]


@pytest.mark.parametrize(
    ("template", "values", "told"),
    [
        ("%s ready.", (HUSH,), "… ready."),
        ("Cannot connect to %s: %r", (HUSH, PermissionError(HUSH)), "Cannot connect to …: PermissionError"),
        ("Started server process [%d]", (4711,), "Started server process [4711]"),
        ("%s://%s:%5d took %.1f s: %s", (HUSH, HUSH, 80, 2.5, True), "…://…:80 took 2.5 s: True"),
        ("%(name)s failed %(times)d times: %(gone)s", ({"name": HUSH, "times": 3},), "… failed 3 times: …"),
        ("%d %% of %s", (40, [HUSH]), "40 % of …"),
        ("%s and %s", (1,), "1 and …"),
        ("%d left", (type("Number", (int,), {"__str__": lambda _: HUSH})(7),), "… left"),
    ],
)
def test_a_template_is_filled_with_numbers_and_never_with_text(
    template: str, values: tuple[object, ...], told: str
) -> None:
    assert line(template, *values)["event"] == told


def test_a_message_without_arguments_is_told_as_it_is() -> None:
    assert line("100% of %s")["event"] == "100% of %s"


def test_a_message_that_is_no_text_is_told_by_its_type() -> None:
    assert line(ValueError(HUSH))["event"] == "ValueError"


def test_an_exception_is_told_by_its_type_and_the_places_it_passed() -> None:
    try:
        int(HUSH)
    except ValueError:
        told = line("failed: %s", HUSH, exc_info=sys.exc_info())
    assert told["error"] == "builtins.ValueError"
    assert told["frames"][0].endswith("test_an_exception_is_told_by_its_type_and_the_places_it_passed")


def test_fields_are_told_as_they_are_and_what_json_has_no_form_for_by_its_type() -> None:
    told = line("erased", fields={"begun": 1, "who": {1, HUSH}.__class__, "name": ValueError(HUSH)})
    assert (told["begun"], told["who"], told["name"]) == (1, "type", "ValueError")


def test_a_handler_that_was_there_goes(capsys: pytest.CaptureFixture[str]) -> None:
    logger, before = logging.getLogger("of test_logs"), StringIO()
    logger.propagate = False
    logger.addHandler(logging.StreamHandler(before))
    to_standard_error(logger, "gateway1")
    logger.debug("not this")
    logger.info("this", extra={"fields": {"n": 1}})
    logger.info("%s", SecretText(HUSH))
    assert before.getvalue() == ""
    said = [json.loads(text) for text in capsys.readouterr().err.splitlines()]
    assert [(each["part"], each["event"]) for each in said] == [("gateway1", "this"), ("gateway1", "…")]
