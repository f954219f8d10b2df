"""Setting up: the sheet first, then one request that may be repeated; and back in with nothing but the sheet."""

from __future__ import annotations

import json
import stat
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from tests.client.house import EMAIL, PASSWORD, TOKEN, TOTP, Gateway, House
from tests.client.line import Answer, Request, problem
from vault import totp
from vault.errors import InvalidInputError
from vault.records.encoding import to_base64url
from vault.sdk.device import clock
from vault.sdk.device.home import Home
from vault.sdk.errors import (
    ApiError,
    MissingInputError,
    OtherMemberError,
    ServerUnreachableError,
    WeakPasswordError,
    WrongPasswordError,
)
from vault.sdk.keys.sheet import Sheet, read_sheet
from vault.sdk.keys.sheet_page import SheetFacts
from vault.sdk.people import founding
from vault.sdk.people.founding import Founder, found
from vault.sdk.people.pending_setup import PendingError

OTHER = "zeven groene ezels lopen zingend voorbij de molen"
FACTS = SheetFacts("Praktijk <12 apostelen>", date(2026, 12, 4), "een twee drie vier vijf zes")

pytestmark = pytest.mark.usefixtures("quick_argon")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def set_up(gateway: Gateway, home: Home, founder: Founder, password: str = PASSWORD, token: str = TOKEN) -> str:
    return found(gateway.api(), home, founder, password, token, TOTP).member


def test_the_sheet_is_written_before_anything_is_sent(gateway: Gateway, home: Home, founder: Founder) -> None:
    seen: list[bool] = []
    gateway.line.watch(
        "POST", "/setup$", lambda _: seen.append(founder.sheet.exists() and home.read("init") is not None)
    )
    set_up(gateway, home, founder)
    assert seen == [True]
    assert stat.S_IMODE(founder.sheet.stat().st_mode) == 0o600
    assert home.read("init") is None


def test_a_lost_answer_is_asked_for_again_with_the_same_request(
    gateway: Gateway, home: Home, founder: Founder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(founding, "again", lambda ask: ask())
    gateway.line.lose_answer("POST", "/setup$")
    with pytest.raises(ServerUnreachableError):
        set_up(gateway, home, founder)
    sheet = founder.sheet.read_bytes()
    gateway.line.clear()
    member = set_up(gateway, home, founder, token="")
    assert gateway.director().id == member
    assert founder.sheet.read_bytes() == sheet


def test_a_repetition_with_another_password_is_refused(
    gateway: Gateway, home: Home, founder: Founder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(founding, "again", lambda ask: ask())
    gateway.line.lose_answer("POST", "/setup$")
    with pytest.raises(ServerUnreachableError):
        set_up(gateway, home, founder)
    with pytest.raises(WrongPasswordError):
        set_up(gateway, home, founder, password=OTHER)


@pytest.mark.parametrize(
    ("status", "code"), [(403, "token_wrong"), (403, "code_wrong"), (409, "setup_done"), (422, "invalid")]
)
def test_a_refused_set_up_leaves_nothing_behind(
    gateway: Gateway, home: Home, founder: Founder, tmp_path: Path, status: int, code: str
) -> None:
    gateway.line.refuse("POST", "/setup$", status, code)
    with pytest.raises(ApiError):
        set_up(gateway, home, founder)
    assert home.read("init") is None
    assert not founder.sheet.exists()
    gateway.line.clear()
    other = Founder("Andere praktijk", "Els", "els@voorbeeld.nl", tmp_path / "other.txt")
    set_up(gateway, home, other)
    assert other.sheet.exists()
    assert gateway.line.requests[-1].json["member"]["email"] == other.email


def test_after_a_wrong_token_the_right_one_sets_up(gateway: Gateway, home: Home, founder: Founder) -> None:
    with pytest.raises(ApiError) as refused:
        set_up(gateway, home, founder, token="wrong")
    assert refused.value.code == "token_wrong"
    set_up(gateway, home, founder)


def test_too_many_tries_say_nothing_of_an_earlier_request(gateway: Gateway, home: Home, founder: Founder) -> None:
    gateway.line.refuse("POST", "/setup$", 429, "too_many")
    with pytest.raises(ApiError):
        set_up(gateway, home, founder)
    assert home.read("init") is not None
    assert founder.sheet.exists()


def test_what_stands_in_between_cannot_make_a_good_sheet_go(
    gateway: Gateway, home: Home, founder: Founder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first answer was lost, a proxy answers the repetition with 413: the practice may stand already."""
    monkeypatch.setattr(founding, "again", lambda ask: ask())
    for status in (502, 413):
        gateway.line.clear()
        gateway.line.lose_answer("POST", "/setup$", status)
        with pytest.raises((ServerUnreachableError, ApiError)):
            set_up(gateway, home, founder)
    gateway.line.clear()
    assert founder.sheet.exists()
    set_up(gateway, home, founder, token="")


@pytest.mark.parametrize("changed", ["practice", "name", "email", "sheet"])
def test_while_an_answer_is_unknown_nothing_else_can_be_asked(
    gateway: Gateway, home: Home, founder: Founder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, changed: str
) -> None:
    monkeypatch.setattr(founding, "again", lambda ask: ask())
    gateway.line.lose_answer("POST", "/setup$")
    with pytest.raises(ServerUnreachableError):
        set_up(gateway, home, founder)
    gateway.line.clear()
    value = tmp_path / "new.txt" if changed == "sheet" else "ander@voorbeeld.nl"
    with pytest.raises(PendingError) as refused:
        set_up(gateway, home, replace(founder, **{changed: value}))
    assert founder.practice in str(refused.value)
    assert str(home.path / "init") in refused.value.advice
    set_up(gateway, home, founder, token="")


def test_while_an_answer_is_unknown_the_sheet_must_still_be_there(
    gateway: Gateway, home: Home, founder: Founder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(founding, "again", lambda ask: ask())
    gateway.line.lose_request("POST", "/setup$")
    with pytest.raises(ServerUnreachableError):
        set_up(gateway, home, founder)
    founder.sheet.unlink()
    with pytest.raises(PendingError):
        set_up(gateway, home, founder)


def test_another_file_in_the_sheets_place_survives_a_refusal(
    gateway: Gateway, home: Home, founder: Founder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(founding, "again", lambda ask: ask())
    gateway.line.lose_request("POST", "/setup$")
    with pytest.raises(ServerUnreachableError):
        set_up(gateway, home, founder)
    founder.sheet.write_text("something else")
    gateway.line.refuse("POST", "/setup$", 403, "token_wrong")
    with pytest.raises(ApiError):
        set_up(gateway, home, founder)
    assert founder.sheet.read_text() == "something else"


def test_repeated_after_success_it_says_the_same(gateway: Gateway, home: Home, founder: Founder) -> None:
    assert set_up(gateway, home, founder) == set_up(gateway, home, founder)
    with pytest.raises(WrongPasswordError):
        set_up(gateway, home, founder, password=OTHER)
    founder.sheet.unlink()
    with pytest.raises(OtherMemberError):
        set_up(gateway, home, founder)


def test_a_second_practice_is_refused_and_leaves_no_sheet(
    gateway: Gateway, home: Home, founder: Founder, tmp_path: Path
) -> None:
    set_up(gateway, home, founder)
    other = Founder("Andere", "A", "a@b.nl", tmp_path / "other.txt")
    with pytest.raises(ApiError) as done:
        set_up(gateway, Home(tmp_path / "other"), other)
    assert done.value.code == "setup_done"
    assert not other.sheet.exists()


def test_without_a_token_nothing_is_made(gateway: Gateway, home: Home, founder: Founder) -> None:
    with pytest.raises(MissingInputError):
        set_up(gateway, home, founder, token="")
    assert not founder.sheet.exists()


def test_a_weak_password_is_refused_before_anything_is_made(gateway: Gateway, home: Home, founder: Founder) -> None:
    with pytest.raises(WeakPasswordError):
        set_up(gateway, home, founder, password="Welkom2026!")
    assert not founder.sheet.exists()
    assert gateway.line.requests == []


def test_a_sheet_that_exists_is_never_overwritten(gateway: Gateway, home: Home, founder: Founder) -> None:
    founder.sheet.write_text("another practice's only sheet")
    with pytest.raises(InvalidInputError):
        set_up(gateway, home, founder)
    assert founder.sheet.read_text() == "another practice's only sheet"
    assert gateway.rows.practice == []


def test_a_clock_that_is_half_a_minute_slow_still_sets_up(
    gateway: Gateway, home: Home, founder: Founder, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused: list[str] = []

    def only_the_present(request: Request) -> Answer | None:
        if request.json["code"] != totp.code(TOTP, totp.step_of(clock.now())):
            refused.append(request.json["code"])
            return problem(403, "code_wrong")
        return None

    gateway.line.replace("POST", "/setup$", only_the_present)
    set_up(gateway, home, founder)
    assert len(refused) == 1


def test_no_secret_reaches_the_server(founded: House) -> None:
    sheet = read_sheet((founded.folder / "sheet.txt").read_text())
    signed_in = founded.login()
    secrets = [sheet.seed, bytes(sheet.root), signed_in.keyring.signing, signed_in.keyring.identity, PASSWORD.encode()]
    for secret in secrets:
        assert bytes(secret) not in founded.line.sent
        assert to_base64url(bytes(secret)).encode() not in founded.line.sent


def recovery_of(founded: House, sheet: Sheet) -> Answer:
    """What the server answers to who has the right sheet."""
    asked = {"email": EMAIL, "recovery_login": to_base64url(sheet.login)}
    said = founded.api().post("/session/recovery", json=asked)
    return Answer(201, {"content-type": "application/json"}, json.dumps(said).encode())
