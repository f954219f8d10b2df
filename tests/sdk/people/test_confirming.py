"""Inviting, joining and confirming: the server puts nobody in anybody's place, and nobody counts unconfirmed."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from nacl.signing import SigningKey

from tests.client.house import PASSWORD, TOTP, House
from vault import totp
from vault.age import HybridIdentity
from vault.errors import InvalidInputError
from vault.records.encoding import to_base64url
from vault.sdk.device import clock
from vault.sdk.errors import AnswerError, ApiError, OtherMemberError, ServerUnreachableError, WrongPasswordError
from vault.sdk.keys.sheet import new_sheet
from vault.sdk.people import appointing, invitation_links, joining
from vault.sdk.people.confirming import Doubtful, Waiting, confirm, waiting
from vault.sdk.people.invitation_links import InvitationUnavailableError, Newcomer, code_over, parse_invitation
from vault.sdk.people.inviting import Invited, invite, revoke_invitation
from vault.sdk.people.joining import HasJoined, confirmed, join, look, waits
from vault.sdk.people.login import login
from vault.sdk.people.recovery import recover
from vault.sdk.people.session import SignedIn

CARLA = "carla@voorbeeld.nl"
LOST = 4
VECTOR = Path(__file__).with_name("invitation.json")


def invited(house: House, role: str = "coach", **given: Any) -> Invited:
    return invite(house.signed_in, CARLA, role, **given)


def joins(house: House, made: Invited, home: str = "carla", email: str = CARLA) -> HasJoined:
    link = parse_invitation(made.link.to_string())
    practice = look(house.api(), link)
    return join(house.api(), house.at(home), link, practice, "Carla de Wit", email, PASSWORD, TOTP)


def signs_in(house: House, home: str = "carla") -> SignedIn:
    house.gateway.spend_codes(0)
    return login(house.api(), house.at(home), CARLA, PASSWORD, totp.code(TOTP, totp.step_of(clock.now())))


def only(house: House) -> Waiting | Doubtful:
    [found] = waiting(house.signed_in)
    return found


def test_whoever_joins_signs_in_once_the_words_were_compared(house: House) -> None:
    made = invited(house)
    assert only(house) == Waiting(only(house).invitation)  # type: ignore[union-attr]
    joined = joins(house, made)
    assert waits(house.at("carla")) == joined
    with pytest.raises(WrongPasswordError):
        signs_in(house)
    found = only(house)
    assert isinstance(found, Waiting)
    assert found.newcomer is not None
    assert (found.newcomer.name, found.newcomer.email, found.words) == ("Carla de Wit", CARLA, joined.words)
    with pytest.raises(InvalidInputError):
        confirm(house.signed_in, found, "zes andere woorden dan die er staan")
    confirm(house.signed_in, found, joined.words.upper())
    carla = signs_in(house)
    confirmed(house.at("carla"))
    assert waits(house.at("carla")) is None
    assert (carla.is_director, carla.name_of(carla.member)) == (False, "Carla de Wit")
    assert waiting(house.signed_in) == []


def test_a_second_director_is_recovered_by_the_same_sheet(house: House) -> None:
    joined = joins(house, invited(house, "director"))
    confirm(house.signed_in, only(house), joined.words)  # type: ignore[arg-type]
    assert signs_in(house).is_director
    assert house.gateway.rows.member[joined.member].recovery is not None


def test_nobody_is_confirmed_before_she_joined(house: House) -> None:
    invited(house)
    with pytest.raises(InvalidInputError):
        confirm(house.signed_in, only(house), "")  # type: ignore[arg-type]


def test_an_invitation_is_used_once_and_revoked_for_good(house: House) -> None:
    made = invited(house)
    joins(house, made)
    with pytest.raises(InvitationUnavailableError):
        joins(house, made, "somebody else")
    revoke_invitation(house.signed_in, made.id)
    revoke_invitation(house.signed_in, made.id)
    assert waiting(house.signed_in) == []


def test_a_lost_answer_is_asked_for_again_and_joins_once(house: House) -> None:
    made = invited(house)
    house.line.lose("POST", "/join$", "answer", times=LOST)
    with pytest.raises(ServerUnreachableError):
        joins(house, made)
    joined = joins(house, made)
    assert isinstance(only(house), Waiting)
    assert house.gateway.rows.invitation[made.id].member == joined.member


def test_a_folder_is_one_persons(house: House) -> None:
    with pytest.raises(OtherMemberError):
        joins(house, invited(house), "home")


def test_who_is_invited_in_the_place_of_another_ends_that_membership(house: House) -> None:
    joined = joins(house, invited(house))
    confirm(house.signed_in, only(house), joined.words)  # type: ignore[arg-type]
    again = joins(house, invited(house, replaces=joined.member), "carla's new telephone")
    confirm(house.signed_in, only(house), again.words)  # type: ignore[arg-type]
    newest = house.signed_in.rosters.newest
    assert joined.member not in newest.active
    assert again.member in newest.active
    assert signs_in(house, "carla's new telephone").member == again.member
    with pytest.raises((ApiError, WrongPasswordError, OtherMemberError)):
        signs_in(house, "carla")


# The lying server


def lied(house: House, change: Any) -> Doubtful:
    """What the director's device makes of an invitation that the server changed."""
    joins(house, invited(house))
    house.line.lie_of_each("/invitations$", lambda item: {**item, **change(item)})
    found = only(house)
    assert isinstance(found, Doubtful)
    return found


def of_joined(**changes: Any) -> Any:
    return lambda item: {"joined": {**item["joined"], **changes}}


def of_member(**changes: Any) -> Any:
    return lambda item: {"joined": {**item["joined"], "member": {**item["joined"]["member"], **changes}}}


KEY = to_base64url(bytes(SigningKey(b"s" * 32).verify_key))
THEIRS = HybridIdentity.generate().recipient().to_string()
NOT_BY_LINK = "did not do so with the link"
LIES = {
    "another key": (of_joined(signing=KEY), NOT_BY_LINK),
    "another code": (of_joined(mac=to_base64url(b"m" * 32)), NOT_BY_LINK),
    "another recipient": (of_member(recipient=THEIRS), NOT_BY_LINK),
    "no recipient": (of_member(recipient="age1pq1another"), "nothing can be encrypted to"),
    "another name": (of_member(name="Carla de Wolf"), NOT_BY_LINK),
    "another address": (of_member(email="mallory@voorbeeld.nl"), NOT_BY_LINK),
    "another id": (of_member(id="ab" * 16), NOT_BY_LINK),
    "another number": (lambda item: {"invitation": "ab" * 16}, "under the number of another one"),
    "no age file": (lambda item: {"sealed": "A" * 400}, "does not open with your key"),
    "nothing that is an invitation": (lambda item: {"joined": {}}, "field 'member'"),
}


@pytest.mark.parametrize(("lie", "said"), LIES.values(), ids=LIES)
def test_a_server_puts_nobody_in_her_place(house: House, lie: Any, said: str) -> None:
    assert said in str(lied(house, lie).reason)


def test_an_invitation_that_the_server_made_itself_counts_for_nothing(house: House, monkeypatch: Any) -> None:
    """It knows every director's recipient; it has nobody's signature."""
    forged = SigningKey.generate()
    sign = SignedIn.sign

    def by_the_server(self: SignedIn, kind: str, content: dict[str, Any]) -> Any:
        keyring = dataclasses.replace(self.keyring, signing=self.keyring.signing.__class__(bytes(forged)))
        monkeypatch.setattr(self, "keyring", keyring)
        return sign(self, kind, content)

    with monkeypatch.context() as patched:
        patched.setattr(SignedIn, "sign", by_the_server)
        invited(house)
    house._signed_in = None
    assert isinstance(waiting(house.again())[0], Doubtful)


def test_who_was_confirmed_is_not_shown_as_new_again(house: House) -> None:
    made = invited(house)
    joined = joins(house, made)
    kept = house.gateway.rows.invitation[made.id]
    confirm(house.signed_in, only(house), joined.words)  # type: ignore[arg-type]
    house.gateway.rows.invitation[made.id] = kept
    assert isinstance(only(house), Doubtful)


def test_an_old_invitation_is_over_whatever_the_server_says(house: House) -> None:
    made = invited(house)
    joins(house, made)
    house.move("+22d")
    house._signed_in = None
    house.login()
    assert isinstance(only(house), Doubtful)


def test_an_invitation_ends_with_whoever_made_it(house: House) -> None:
    joined = joins(house, invited(house, "director"))
    confirm(house.signed_in, only(house), joined.words)  # type: ignore[arg-type]
    other = signs_in(house)
    invite(other, "sofie@voorbeeld.nl", "coach")
    assert isinstance(waiting(house.again())[0], Waiting)
    appointing.change_role(house.signed_in, joined.member, "coach", sheet_for(house))
    assert isinstance(waiting(house.signed_in)[0], Doubtful)
    with pytest.raises(ApiError):
        waiting(other)


def test_what_changed_while_she_was_called_confirms_nobody(house: House) -> None:
    made = invited(house)
    joined = joins(house, made)
    found = only(house)
    assert isinstance(found, Waiting)
    revoke_invitation(house.signed_in, made.id)
    with pytest.raises(InvalidInputError):
        confirm(house.signed_in, found, joined.words)
    assert len(house.signed_in.rosters.newest.active) == 1


def test_a_server_that_forgets_her_at_the_last_moment_makes_nobody_a_member(house: House) -> None:
    made = invited(house)
    joined = joins(house, made)
    found = only(house)
    house.line.watch("POST", "/roster$", lambda _: house.gateway.rows.invitation.pop(made.id))
    with pytest.raises(ApiError):
        confirm(house.signed_in, found, joined.words)  # type: ignore[arg-type]
    assert len(house.again().rosters.newest.active) == 1


@pytest.mark.parametrize("given", [{"recipient": "age1kapot"}, {"name": "Carla\u202ede Wit"}])
def test_who_joins_with_what_nothing_can_be_done_with_is_not_confirmed(
    house: House, monkeypatch: pytest.MonkeyPatch, given: dict[str, str]
) -> None:
    """Her code is right: it is her own device that lies."""
    made, honest, send = invited(house), joining.newcomer_of, joining._ask

    def ask(api: Any, link: Any, what: str, request: dict[str, Any]) -> dict[str, Any]:
        if what == "join":
            request = {**request, "member": {**request["member"], **given}}
        return send(api, link, what, request)

    monkeypatch.setattr(joining, "newcomer_of", lambda *known: dataclasses.replace(honest(*known), **given))
    monkeypatch.setattr(joining, "_ask", ask)
    joins(house, made)
    assert isinstance(only(house), Doubtful)


def test_the_policy_of_whoever_leaves_is_signed_anew(house: House) -> None:
    """Or nobody who comes later, and no sheet, would find one in force."""
    joined = joins(house, invited(house, "director"))
    confirm(house.signed_in, only(house), joined.words)  # type: ignore[arg-type]
    other = signs_in(house)
    new, before = sheet_for(house), house.signed_in.policy
    assert before.signer == house.signed_in.member
    appointing.dismiss(other, house.signed_in.member, new)
    assert (other.policy.signer, other.policy.name) == (other.member, before.name)
    assert signs_in(house, "another device").policy.hash == other.policy.hash
    recover(house.api(), house.at("by the sheet"), CARLA, new, PASSWORD)


def sheet_for(house: House) -> Any:
    return new_sheet()


def test_another_practice_than_the_links_is_refused_before_anything_is_made(house: House) -> None:
    made = invited(house)
    link = dataclasses.replace(made.link, root=b"r" * 32)
    with pytest.raises(AnswerError):
        look(house.api(), link)


@pytest.mark.parametrize("shown", ["rosters", "policies"])
def test_a_practice_that_shows_nothing_is_refused(house: House, shown: str) -> None:
    made = invited(house)
    house.line.lie("POST", "/chains$", lambda answer: {**answer, shown: {"items": [], "next": None}})
    with pytest.raises(AnswerError):
        look(house.api(), made.link)


def test_the_server_has_nobody_else_join(house: House) -> None:
    made = invited(house)
    house.line.lie("POST", "/join$", lambda answer: {**answer, "member": "ab" * 16})
    with pytest.raises(AnswerError):
        joins(house, made)


@pytest.mark.parametrize("spoil", ["", "https://a.nl/i/x#y", "https://a.nl:99999", "https://a.nl/s/" + "a" * 32])
def test_what_is_no_link_of_an_invitation(spoil: str) -> None:
    with pytest.raises(InvitationUnavailableError):
        parse_invitation(spoil)


@pytest.mark.parametrize("form", ["<{}>", "{}.", '"{}"', "\ufeff{}\n", "https://a.nl/safe?url={}"])
def test_mail_does_no_harm_to_a_link(house: House, form: str) -> None:
    text = invited(house).link.to_string()
    given = form.format(quote(text, safe="") if "url=" in form else text)
    assert parse_invitation(given).to_string() == text


def test_the_vector_of_the_link_holds() -> None:
    """FORMAT.md, "Invitations"; no browser opens one yet, so it lies here."""
    vector = json.loads(VECTOR.read_text())
    link = parse_invitation(vector["link"])
    newcomer = Newcomer(signing=bytes.fromhex(vector["signing"]), **vector["newcomer"])
    code = code_over(link.secret, vector["practice"], link.id, newcomer)
    assert bytes(link.possess).hex() == vector["possess"]
    assert code.hex() == vector["code"]
    assert invitation_links.words_of(code) == vector["words"]
