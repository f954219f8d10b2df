"""A password's parameters are written in one way, and its two keys have nothing in common."""

from __future__ import annotations

import hashlib

from vault.sdk.keys.password_key import PasswordKey, derive, new_parameters, normalise, read_parameters

EMAIL = "dirk@brug.example"


def test_parameters_are_written_in_one_way() -> None:
    parameters = new_parameters()
    text = parameters.text()
    assert text.startswith(b'{"algorithm":"argon2id","lanes":1,"memory":65536,"passes":3,"salt":"')
    assert read_parameters(parameters.to_json()) == parameters


def test_a_password_is_normalised_and_gives_two_unrelated_keys() -> None:
    parameters = new_parameters()
    first, second = derive("cafe\u0301 Ⅷ", EMAIL, parameters), derive("café VIII", EMAIL, parameters)
    assert isinstance(first, PasswordKey)
    assert first == second
    assert first.login != first.keyring
    assert normalise("ﬁ") == b"fi"


def test_two_members_never_share_a_salt_whatever_parameters_a_server_gives() -> None:
    parameters = new_parameters()
    assert parameters.salt_of(EMAIL) == parameters.salt_of(" Dirk@BRUG.example")
    assert parameters.salt_of(EMAIL) != parameters.salt_of("els@brug.example")
    whole = hashlib.sha256(b"vault/v1/password/salt" + parameters.salt + EMAIL.encode()).digest()
    assert parameters.salt_of(EMAIL) == whole[:16]
    assert derive("wachtwoord", EMAIL, parameters) != derive("wachtwoord", "els@brug.example", parameters)
