"""A one-time code works once, and guesses that come at once are counted like guesses that come one by one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.actors import NOW
from tests.races.house import House, at_once
from vault.domain.sessions import FREE_TRIES
from vault.flows.answers import Throttled
from vault.flows.people import keyrings, signing_in
from vault.flows.people.proving import Proof
from vault.flows.shares import pickup
from vault.flows.shares.pickup import PASSPHRASE_WRONG
from vault.rules.verdict import Refused

LATER = NOW.replace(minute=5)
MANY = 200


def sign_in(house: House, number: int, **changes: Any) -> Any:
    director = house.practice.director
    request = signing_in.SignIn(director.email, director.login, director.code(LATER), {}, "here")
    return signing_in.sign_in(house.door(number), replace(request, **changes), LATER)


def test_a_one_time_code_is_spent_once_by_two_hundred_at_once(house: House) -> None:
    answers = at_once(lambda number: sign_in(house, number), MANY)
    assert sum(isinstance(answer, signing_in.SignedIn) for answer in answers) == 1
    assert answers.count(Refused("code_spent")) == MANY - 1


def test_a_recovery_code_is_spent_once_by_many_at_once(house: House) -> None:
    director, code = house.practice.director, "a" * 24
    sheet, new = Proof(recovery_login=director.recovery_login), keyrings.NewKeyring(codes=(code,))
    assert keyrings.replace_keyring(house.door(0), director.caller, new, sheet, LATER) is None
    answers = at_once(lambda number: sign_in(house, number, code=code, source=str(number)), FREE_TRIES)
    assert sum(isinstance(answer, signing_in.SignedIn) for answer in answers) == 1
    assert all(
        answer in {Refused("code_spent"), Refused("code_wrong")} for answer in answers if isinstance(answer, Refused)
    )


def test_two_hundred_passwords_at_once_are_five_guesses(house: House) -> None:
    answers = at_once(lambda number: sign_in(house, number, login=bytes([number]) * 32), MANY)
    assert answers.count(Refused("credentials_wrong")) == FREE_TRIES
    assert answers.count(Throttled(60)) == MANY - FREE_TRIES
    assert sign_in(house, 0) == Throttled(60), "the right one waits as well: else the answer would tell"


def test_two_hundred_codes_at_once_from_everywhere_are_five_guesses(house: House) -> None:
    wrong = f"{(int(house.practice.director.code(LATER)) + 1) % 1_000_000:06}"
    answers = at_once(lambda number: sign_in(house, number, code=wrong, source=f"{number}"), MANY)
    assert answers.count(Refused("code_wrong")) == FREE_TRIES
    assert answers.count(Throttled(60)) == MANY - FREE_TRIES
    assert sign_in(house, 0, source="yet another") == Throttled(60)


def test_two_hundred_passphrases_at_once_are_five_guesses(house: House) -> None:
    dossier = house.practice.open_dossier()
    link = house.practice.share(dossier, [house.practice.deposit(dossier)], mode="passphrase")

    def guess(number: int) -> Any:
        proofs = pickup.Proofs(link.possess, bytes([number]) * 32)
        if number % 2:
            return pickup.cover(house.door(number), link.id, proofs, NOW)
        return pickup.pick_up(house.door(number), link.id, b"n" * 16, proofs, NOW)

    answers = at_once(guess, MANY)
    assert answers.count(PASSPHRASE_WRONG) == FREE_TRIES
    assert answers.count(Throttled(60)) == MANY - FREE_TRIES
    assert house.pick_up(0, link, b"n" * 16) == Throttled(60)
