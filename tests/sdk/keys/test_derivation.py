"""A password's parameters are written in one way, and its two keys have nothing in common."""

from __future__ import annotations

from vault.sdk.keys.derivation import PasswordKey, derive, new_parameters, normalise, read_parameters


def test_parameters_are_written_in_one_way() -> None:
    parameters = new_parameters()
    text = parameters.text()
    assert text.startswith(b'{"algorithm":"argon2id","lanes":1,"memory":65536,"passes":3,"salt":"')
    assert read_parameters(parameters.to_json()) == parameters


def test_a_password_is_normalised_and_gives_two_unrelated_keys() -> None:
    parameters = new_parameters()
    first, second = derive("cafe\u0301 Ⅷ", parameters), derive("café VIII", parameters)
    assert isinstance(first, PasswordKey)
    assert first == second
    assert first.login != first.keyring
    assert normalise("ﬁ") == b"fi"
