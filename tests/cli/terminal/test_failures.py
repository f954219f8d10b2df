"""Every failure has its words in both languages: what happened, and what to do now."""

from __future__ import annotations

import errno
import os

import pytest

from gateway.http.failures import CATALOGUE
from tests.cli.terminal.test_details import codes
from vault.cli.terminal import failures
from vault.cli.terminal.output import Output
from vault.errors import IntegrityError
from vault.sdk.errors import ApiError, MissingInputError, ServerUnreachableError
from vault.sdk.keys.password_strength import check_new_password
from vault.sdk.shares.sharing import ShareRefusedError
from vault.texts import catalogue

# Inside the server alone: the gateway answers them as another code.
OF_THE_SERVER = {"gone"}


@pytest.mark.parametrize("spoken", ["nl", "en"])
def test_every_code_has_words_and_advice(spoken: catalogue.Language) -> None:
    known = set(catalogue.room("failures", spoken))
    used = (set(codes().values()) | set(CATALOGUE)) - OF_THE_SERVER
    assert used - known == set()
    assert known - used == {"interrupted", "system", "unexpected"}
    for code in known - {"interrupted"}:
        assert catalogue.lookup(f"failures.{code}.message", spoken)
        assert catalogue.lookup(f"failures.{code}.advice", spoken)


def described(error: BaseException, spoken: catalogue.Language = "nl") -> tuple[str, str]:
    return failures.describe(error, Output(language=spoken))[1:]


def test_dutch_is_dutch_throughout() -> None:
    refused = ShareRefusedError("A link may live from 1 to 30 days.", advice="Choose --days within.")
    assert described(refused) == (
        "Zo kan er niet gedeeld worden: een link mag 1 tot 30 dagen werken.",
        "Er is niets gedeeld. Kies --days daarbinnen.",
    )
    assert described(refused, "en") == ("A link may live from 1 to 30 days.", "Choose --days within.")


def test_a_sentence_that_says_more_than_its_code_stands_alone() -> None:
    with pytest.raises(Exception, match="too long") as raised:
        check_new_password("x" * 5000)
    assert described(raised.value)[0] == "Dit wachtwoord is te lang."


def test_what_the_server_advises_in_english_is_not_shown_in_dutch() -> None:
    for code, failure in CATALOGUE.items():
        message, advice = described(
            ApiError(f"{failure.title}.", status=failure.status, code=code, advice=failure.advice)
        )
        assert failure.title not in message
        assert advice == catalogue.lookup(f"failures.{code}.advice", "nl")
    gone = ServerUnreachableError("Not available just now.", advice="Nothing was changed. Try again in a moment.")
    assert described(gone)[1].startswith("Er is niets")


def test_what_the_command_says_itself_stays_as_it_is() -> None:
    output = Output(language="nl")
    asked = MissingInputError(output.text("common.nobody_to_ask", question="Wachtwoord"), advice="Geef het mee.")
    assert described(asked) == ("Er ontbreekt iets: er is niemand om het aan te vragen: Wachtwoord", "Geef het mee.")


def test_an_unknown_sentence_is_shown_rather_than_nothing() -> None:
    assert described(IntegrityError("something new"))[0] == "Er klopt iets niet: something new"
    assert described(ApiError("Something new.", status=418, code="teapot", advice="Wait."))[0] == "Something new."


def test_what_the_machine_refuses_is_told_in_dutch() -> None:
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/tmp/uit")
    assert described(full)[0] == "Dat lukte niet op deze computer: er is geen ruimte meer: /tmp/uit"
    assert described(full, "en")[0] == "That did not work on this machine: No space left on device: /tmp/uit"


@pytest.mark.parametrize(
    ("spoken", "told"),
    [
        ("en", "signed by somebody who is no member"),
        ("nl", "ondertekend door iemand die niet bij de praktijk hoort"),
    ],
)
@pytest.mark.parametrize(
    "key", ["ls.doubt", "share.left_out", "export.quarantined", "certificate.tombstone_not_signed"]
)
def test_a_reason_within_a_text_is_told_in_its_language(key: str, spoken: catalogue.Language, told: str) -> None:
    said = Output(language=spoken).text(key, id="x", document="x", reason="signed by somebody who is no member")
    assert f"({told})" in said


def test_a_reason_that_no_catalogue_holds_is_shown_rather_than_nothing() -> None:
    assert "(something new)" in Output(language="nl").text("ls.doubt", id="x", reason="something new")
