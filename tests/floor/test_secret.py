"""Whatever turns a secret into words says nothing of it; whoever asks for it gets it."""

from __future__ import annotations

import copy
import hmac
import logging
import operator
import pickle
import pprint
import traceback
from dataclasses import dataclass
from string import Template
from urllib.parse import urlsplit

import pytest

from vault.secret import Secret, SecretText

HUSH = "hush-hush"
KINDS = [Secret(HUSH.encode()), SecretText(HUSH)]


@dataclass(frozen=True, slots=True)
class Holder:
    key: Secret | SecretText


@pytest.fixture(params=KINDS, ids=["bytes", "text"])
def secret(request: pytest.FixtureRequest) -> Secret | SecretText:
    return request.param


def fail(secret: Secret | SecretText) -> None:
    raise ValueError(secret)


WAYS = {
    "str": str,
    "repr": repr,
    "ascii": ascii,
    "f": lambda secret: f"{secret}",
    "f!r": lambda secret: f"{secret!r}",
    "f=": lambda secret: f"{secret=}",
    "f, padded": lambda secret: f"{secret:>40}",
    "format": lambda secret: f"{secret:^40} {secret!s}",
    "percent": lambda secret: operator.mod("%s %r %40s", (secret, secret, secret)),
    "template": lambda secret: Template("$secret").substitute(secret=secret),
    "in a list": lambda secret: f"{[secret]} { {1: secret} }",
    "in a dataclass": lambda secret: f"{Holder(secret)}",
    "pretty": pprint.pformat,
}


@pytest.mark.parametrize("way", WAYS)
def test_no_words_are_made_of_it(secret: Secret | SecretText, way: str) -> None:
    shown = WAYS[way](secret)
    assert "Secret(" in shown
    assert HUSH not in shown
    assert HUSH.encode().hex() not in shown


def test_a_log_record_says_nothing(secret: Secret | SecretText, caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger("of a test").error("%s %r", secret, secret, extra={"fields": secret})
    assert caplog.records[0].getMessage() == "Secret(…) Secret(…)"
    assert HUSH not in f"{caplog.records[0].__dict__}"


def test_an_exception_says_nothing_nor_does_its_traceback(secret: Secret | SecretText) -> None:
    with pytest.raises(ValueError, match="Secret") as caught:
        fail(secret)
    whole = "".join(traceback.TracebackException.from_exception(caught.value, capture_locals=True).format())
    assert "secret = Secret(…)" in whole
    assert HUSH not in f"{caught.value} {caught.value!r} {whole}"


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_it_is_not_pickled_by_any_protocol(secret: Secret | SecretText, protocol: int) -> None:
    with pytest.raises(TypeError, match="pickled"):
        pickle.dumps([secret], protocol)


@pytest.mark.parametrize("way", [copy.copy, copy.deepcopy])
def test_it_is_not_copied(secret: Secret | SecretText, way: object) -> None:
    with pytest.raises(TypeError, match="copied"):
        way(secret)  # type: ignore[operator]


def test_it_is_what_it_is_for_whoever_uses_it() -> None:
    raw, text = Secret(HUSH.encode()), SecretText(HUSH)
    assert hmac.compare_digest(raw, HUSH.encode())
    assert (raw, hash(raw), len(raw)) == (HUSH.encode(), hash(HUSH.encode()), 9)
    assert type(bytes(raw)) is bytes
    assert bytes(raw) == HUSH.encode()
    assert text == HUSH
    assert type(text.reveal()) is str
    assert text.reveal() == HUSH
    assert str.encode(text) == HUSH.encode()
    assert urlsplit(SecretText("amqp://u:p@h/v")).hostname == "h"
