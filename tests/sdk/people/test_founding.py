"""Setting up: the sheet first, then one request that may be repeated; and back in with nothing but the sheet."""

from __future__ import annotations

import stat
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sdk.fake_server import Answer, Request, problem
from tests.sdk.memory_gateway import TOKEN, MemoryGateway
from tests.sdk.places import EMAIL, PASSWORD, TOTP, Place
from vault import totp
from vault.errors import IntegrityError, InvalidInputError, UnavailableError
from vault.records.encoding import from_base64url
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
from vault.sdk.keys.sheet import Sheet, SheetError, new_sheet, read_sheet
from vault.sdk.keys.sheet_page import SheetFacts, render_page, render_text, write_sheet
from vault.sdk.people import founding
from vault.sdk.people.appointing import check_email
from vault.sdk.people.founding import Founder, PendingError, found
from vault.sdk.people.login import login
from vault.sdk.people.recovery import change_password, recover
from vault.sdk.server.api import Api
from vault.secret import Secret

OTHER = "zeven groene ezels lopen zingend voorbij de molen"
FACTS = SheetFacts("Praktijk <12 apostelen>", date(2026, 12, 4), "een twee drie vier vijf zes")

pytestmark = pytest.mark.usefixtures("quick_argon")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def set_up(gateway: MemoryGateway, home: Home, founder: Founder, password: str = PASSWORD, token: str = TOKEN) -> str:
    return found(Api(gateway.url), home, founder, password, token, TOTP).member


def test_the_sheet_is_written_before_anything_is_sent(gateway: MemoryGateway, home: Home, founder: Founder) -> None:
    def check(request: Request) -> None:
        if request.method == "POST":
            assert founder.sheet.exists()
            assert home.read("init") is not None

    gateway.before = check
    set_up(gateway, home, founder)
    assert stat.S_IMODE(founder.sheet.stat().st_mode) == 0o600
    assert home.read("init") is None


def test_a_lost_answer_is_asked_for_again_with_the_same_request(
    gateway: MemoryGateway, home: Home, founder: Founder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(founding, "again", lambda ask: ask())
    gateway.after = lambda request: problem(502, "") if request.method == "POST" else None
    with pytest.raises(ServerUnreachableError):
        set_up(gateway, home, founder)
    sheet = founder.sheet.read_bytes()
    gateway.after = lambda _: None
    member = set_up(gateway, home, founder, token="")
    assert gateway.account["member"]["id"] == member
    assert founder.sheet.read_bytes() == sheet


def test_a_repetition_with_another_password_is_refused(
    gateway: MemoryGateway, home: Home, founder: Founder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(founding, "again", lambda ask: ask())
    gateway.after = lambda request: problem(502, "") if request.method == "POST" else None
    with pytest.raises(ServerUnreachableError):
        set_up(gateway, home, founder)
    with pytest.raises(WrongPasswordError):
        set_up(gateway, home, founder, password=OTHER)


@pytest.mark.parametrize(
    ("status", "code"), [(403, "token_wrong"), (403, "code_wrong"), (409, "setup_done"), (422, "invalid")]
)
def test_a_refused_set_up_leaves_nothing_behind(
    gateway: MemoryGateway, home: Home, founder: Founder, tmp_path: Path, status: int, code: str
) -> None:
    gateway.before = lambda request: problem(status, code) if request.method == "POST" else None
    with pytest.raises(ApiError):
        set_up(gateway, home, founder)
    assert home.read("init") is None
    assert not founder.sheet.exists()
    gateway.before = lambda _: None
    other = Founder("Andere praktijk", "Els", "els@voorbeeld.nl", tmp_path / "other.txt")
    set_up(gateway, home, other)
    assert other.sheet.exists()
    assert gateway.account["member"]["email"] == other.email


def test_after_a_wrong_token_the_right_one_sets_up(gateway: MemoryGateway, home: Home, founder: Founder) -> None:
    with pytest.raises(ApiError) as refused:
        set_up(gateway, home, founder, token="wrong")
    assert refused.value.code == "token_wrong"
    set_up(gateway, home, founder)


def test_too_many_tries_say_nothing_of_an_earlier_request(gateway: MemoryGateway, home: Home, founder: Founder) -> None:
    gateway.before = lambda request: problem(429, "too_many") if request.method == "POST" else None
    with pytest.raises(ApiError):
        set_up(gateway, home, founder)
    assert home.read("init") is not None
    assert founder.sheet.exists()


def test_what_stands_in_between_cannot_make_a_good_sheet_go(
    gateway: MemoryGateway, home: Home, founder: Founder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first answer was lost, a proxy answers the repetition with 413: the practice may stand already."""
    monkeypatch.setattr(founding, "again", lambda ask: ask())
    for status in (502, 413):
        gateway.after = lambda request, status=status: problem(status, "") if request.method == "POST" else None
        with pytest.raises((ServerUnreachableError, ApiError)):
            set_up(gateway, home, founder)
    gateway.after = lambda _: None
    assert founder.sheet.exists()
    set_up(gateway, home, founder, token="")


@pytest.mark.parametrize("changed", ["practice", "name", "email", "sheet"])
def test_while_an_answer_is_unknown_nothing_else_can_be_asked(
    gateway: MemoryGateway, home: Home, founder: Founder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, changed: str
) -> None:
    monkeypatch.setattr(founding, "again", lambda ask: ask())
    gateway.after = lambda request: problem(502, "") if request.method == "POST" else None
    with pytest.raises(ServerUnreachableError):
        set_up(gateway, home, founder)
    gateway.after = lambda _: None
    value = tmp_path / "new.txt" if changed == "sheet" else "ander@voorbeeld.nl"
    with pytest.raises(PendingError) as refused:
        set_up(gateway, home, replace(founder, **{changed: value}))
    assert founder.practice in str(refused.value)
    assert str(home.path / "init") in refused.value.advice
    set_up(gateway, home, founder, token="")


def test_while_an_answer_is_unknown_the_sheet_must_still_be_there(
    gateway: MemoryGateway, home: Home, founder: Founder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(founding, "again", lambda ask: ask())
    gateway.before = lambda request: problem(502, "") if request.method == "POST" else None
    with pytest.raises(ServerUnreachableError):
        set_up(gateway, home, founder)
    founder.sheet.unlink()
    with pytest.raises(PendingError):
        set_up(gateway, home, founder)


def test_another_file_in_the_sheets_place_survives_a_refusal(
    gateway: MemoryGateway, home: Home, founder: Founder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(founding, "again", lambda ask: ask())
    gateway.before = lambda request: problem(502, "") if request.method == "POST" else None
    with pytest.raises(ServerUnreachableError):
        set_up(gateway, home, founder)
    founder.sheet.write_text("something else")
    gateway.before = lambda request: problem(403, "token_wrong") if request.method == "POST" else None
    with pytest.raises(ApiError):
        set_up(gateway, home, founder)
    assert founder.sheet.read_text() == "something else"


def test_repeated_after_success_it_says_the_same(gateway: MemoryGateway, home: Home, founder: Founder) -> None:
    assert set_up(gateway, home, founder) == set_up(gateway, home, founder)
    with pytest.raises(WrongPasswordError):
        set_up(gateway, home, founder, password=OTHER)
    founder.sheet.unlink()
    with pytest.raises(OtherMemberError):
        set_up(gateway, home, founder)


def test_a_second_practice_is_refused_and_leaves_no_sheet(
    gateway: MemoryGateway, home: Home, founder: Founder, tmp_path: Path
) -> None:
    set_up(gateway, home, founder)
    other = Founder("Andere", "A", "a@b.nl", tmp_path / "other.txt")
    with pytest.raises(ApiError) as done:
        set_up(gateway, Home(tmp_path / "other"), other)
    assert done.value.code == "setup_done"
    assert not other.sheet.exists()


def test_without_a_token_nothing_is_made(gateway: MemoryGateway, home: Home, founder: Founder) -> None:
    with pytest.raises(MissingInputError):
        set_up(gateway, home, founder, token="")
    assert not founder.sheet.exists()


def test_a_weak_password_is_refused_before_anything_is_made(
    gateway: MemoryGateway, home: Home, founder: Founder
) -> None:
    with pytest.raises(WeakPasswordError):
        set_up(gateway, home, founder, password="Welkom2026!")
    assert not founder.sheet.exists()
    assert gateway.server.requests == []


def test_a_sheet_that_exists_is_never_overwritten(gateway: MemoryGateway, home: Home, founder: Founder) -> None:
    founder.sheet.write_text("another practice's only sheet")
    with pytest.raises(InvalidInputError):
        set_up(gateway, home, founder)
    assert founder.sheet.read_text() == "another practice's only sheet"
    assert gateway.setup is None


def test_a_clock_that_is_half_a_minute_slow_still_sets_up(
    gateway: MemoryGateway, home: Home, founder: Founder, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused: list[str] = []

    def only_the_present(request: Request) -> Answer | None:
        if request.method == "POST" and request.json["code"] != totp.code(TOTP, totp.step_of(clock.now())):
            refused.append(request.json["code"])
            return problem(403, "code_wrong")
        return None

    gateway.before = only_the_present
    set_up(gateway, home, founder)
    assert len(refused) == 1


def test_no_secret_reaches_the_server(place: Place) -> None:
    sheet = read_sheet((place.folder / "sheet.html").read_text())
    signed_in = place.login()
    secrets = [sheet.seed, bytes(sheet.root), signed_in.keyring.signing, signed_in.keyring.identity, PASSWORD.encode()]
    for request in place.gateway.server.requests:
        for secret in secrets:
            assert bytes(secret) not in request.body


def test_the_sheet_brings_a_director_back_with_new_password_and_codes(place: Place) -> None:
    first = place.login()
    sheet = read_sheet((place.folder / "sheet.html").read_text())
    device = place.device("new laptop")
    done = recover(place.api(), device, EMAIL, sheet, OTHER)
    assert done.member == first.member
    with pytest.raises(WrongPasswordError):
        place.login()
    back = login(place.api(), device, EMAIL, OTHER, totp.code(done.totp_secret, totp.step_of(clock.now())))
    assert back.keyring.signing == first.keyring.signing
    recover(place.api(), device, EMAIL, sheet, PASSWORD)


def test_another_sheet_or_a_server_with_another_keyring_is_refused(place: Place) -> None:
    sheet = read_sheet((place.folder / "sheet.html").read_text())
    with pytest.raises(WrongPasswordError):
        recover(place.api(), place.device("x"), EMAIL, new_sheet(), OTHER)
    other = new_sheet()
    place.gateway.account["recovery_login"] = founding.to_base64url(other.login)
    with pytest.raises(IntegrityError):
        recover(place.api(), place.device("x"), EMAIL, other, OTHER)
    del sheet


def test_recovering_onto_a_weak_password_is_refused(place: Place) -> None:
    sheet = read_sheet((place.folder / "sheet.html").read_text())
    with pytest.raises(WeakPasswordError):
        recover(place.api(), place.device("x"), EMAIL, sheet, "kort")


def test_a_changed_password_replaces_the_old_one(place: Place) -> None:
    signed_in = place.login()
    change_password(signed_in, EMAIL, OTHER)
    with pytest.raises(WrongPasswordError):
        place.login()
    assert place.login(password=OTHER).member == signed_in.member


@given(seed=st.binary(min_size=32, max_size=32))
def test_every_sheet_reads_back_from_paper(seed: bytes) -> None:
    sheet = Sheet(Secret(seed))
    for text in (render_text(sheet, FACTS), " ".join(sheet.words), "\n".join(sheet.words).upper()):
        assert read_sheet(text).seed == seed


@pytest.mark.parametrize("seed", [bytes(32), b"\xff" * 32, bytes(range(32))])
def test_every_page_with_its_picture_reads_back_too(seed: bytes) -> None:
    assert read_sheet(render_page(Sheet(Secret(seed)), FACTS)).seed == seed


def test_the_page_loads_nothing_and_escapes_the_practice() -> None:
    page = render_page(new_sheet(), FACTS)
    assert "<12" not in page
    assert "src=" not in page
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "")
    assert "<svg" in page


@pytest.mark.parametrize("text", ["", "niets", " ".join(["appel"] * 24), "<html></html>"])
def test_what_is_no_sheet_is_refused(text: str) -> None:
    with pytest.raises(SheetError):
        read_sheet(text)


def test_a_sheet_that_cannot_be_written_says_where(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError):
        write_sheet(tmp_path / "missing" / "sheet.txt", new_sheet(), FACTS)


@pytest.mark.parametrize("email", ["", "a", "@b.nl", "a@", "a b@c.nl", "a@b\n.nl"])
def test_what_is_no_address_is_refused(email: str) -> None:
    with pytest.raises(InvalidInputError):
        check_email(email)


def test_the_recovery_login_is_not_the_seed(place: Place) -> None:
    sheet = read_sheet((place.folder / "sheet.html").read_text())
    assert from_base64url(place.gateway.account["recovery_login"]) == bytes(sheet.login) != bytes(sheet.seed)
