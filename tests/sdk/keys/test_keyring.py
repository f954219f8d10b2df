"""A keyring opens for its member and parameters alone, whole or not at all."""

from __future__ import annotations

import pytest

from vault.boxes import BoxError, box
from vault.records.encoding import RecordError, lp
from vault.records.standing import Standing
from vault.records.strict_json import dump, parse_object
from vault.sdk.keys.keyring import Keyring, new_keyring, open_keyring, parse_keyring, seal_keyring

KEY = bytes(range(32))


MEMBER, PRACTICE, HASH = "1" * 32, "2" * 32, "3" * 64


def keyring() -> Keyring:
    return new_keyring(PRACTICE, MEMBER, bytes(32), Standing(1, HASH))


def test_a_keyring_is_bound_to_its_member_and_key() -> None:
    own = keyring()
    sealed = seal_keyring(own, KEY)
    assert open_keyring(sealed, KEY, MEMBER) == own
    for key, member in ((bytes(32), MEMBER), (KEY, PRACTICE)):
        with pytest.raises(BoxError):
            open_keyring(sealed, key, member)
    assert bytes(own.signing).hex() not in repr(own)


def test_a_keyring_of_another_member_is_refused_though_its_box_opens() -> None:
    with pytest.raises(RecordError):
        open_keyring(box(KEY, lp(b"vault/v1/keyring", PRACTICE.encode()), keyring().to_bytes()), KEY, PRACTICE)


@pytest.mark.parametrize("field", ["v", "practice", "member", "signing", "identity", "wrap", "root", "roster"])
def test_a_keyring_without_a_field_is_refused(field: str) -> None:
    fields = parse_object(keyring().to_bytes(), limit=4096)
    del fields[field]
    with pytest.raises(RecordError):
        parse_keyring(dump(fields))
