"""A label opens for the member who sealed it, in its place, and no bytes crash what reads it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sdk.keys import label_vectors
from vault.boxes import BoxError, box
from vault.errors import VaultError
from vault.records.encoding import lp
from vault.records.standing import Standing
from vault.sdk.keys.keyring import new_keyring
from vault.sdk.keys.labels import BLOCK, Label, open_label, seal_label

KEYRING = new_keyring("2" * 32, "1" * 32, bytes(32), Standing(1, "3" * 64))
DOSSIER = "4" * 32
ANNA = Label(7, "5" * 64, 2, "client", "Anna Bakker", "begeleiding")


def test_it_comes_back_in_its_place_only() -> None:
    sealed = seal_label(ANNA, KEYRING, DOSSIER)
    assert open_label(sealed, KEYRING, DOSSIER) == ANNA
    other = new_keyring("2" * 32, "1" * 32, bytes(32), Standing(1, "3" * 64))
    for keyring, dossier in ((KEYRING, "6" * 32), (other, DOSSIER)):
        with pytest.raises(BoxError):
            open_label(sealed, keyring, dossier)


def test_the_vectors_are_those_of_today() -> None:
    found = json.loads(label_vectors.FILE.read_text(encoding="utf-8"))
    assert found == label_vectors.vectors()
    assert {case["verdict"] for case in found["cases"]} == {"allowed", "box_invalid", "record_invalid"}


def test_its_length_tells_little_of_the_name() -> None:
    short, long = (seal_label(Label(1, "5" * 64, 1, "client", name, ""), KEYRING, DOSSIER) for name in ("A", "A" * 40))
    assert len(short) == len(long) == 41 + 40 + BLOCK


@given(plaintext=st.binary(max_size=120))
def test_no_bytes_crash_it(plaintext: bytes) -> None:
    sealed = box(KEYRING.label_key, lp(b"vault/v1/label", DOSSIER.encode(), b"1" * 32), plaintext)
    with pytest.raises(VaultError):
        open_label(sealed, KEYRING, DOSSIER)
