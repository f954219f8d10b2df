"""Passwords, their costs and typed words come out as the vectors say, which every language reads."""

from __future__ import annotations

import hashlib
import json
from importlib.resources import files
from typing import Any

import pytest

from tests.sdk.keys import vectors, wrap_vectors
from vault.sdk.keys.password_key import read_parameters
from vault.sdk.keys.words import split


def read(name: str) -> Any:
    return json.loads((vectors.FOLDER / f"{name}.json").read_bytes())


@pytest.mark.parametrize("name", sorted(vectors.FILES))
def test_the_published_vectors_are_what_is_made_today(name: str) -> None:
    assert vectors.FILES[name]() == read(name)
    assert vectors.split() == read("4-words")["split"]


def test_every_verdict_is_in_the_vectors() -> None:
    found = read("4-passwords")
    assert {one["verdict"] for one in found["new"]} == {"allowed", "guessable", "too_long", "unassigned"}
    assert {one["bytes"] is None for one in found["normal"]} == {True, False}
    assert {one["verdict"] for one in read("4-argon2id")["parameters"]} == {"accepted", "refused"}


def test_the_table_is_the_frozen_one() -> None:
    said = read("4-passwords")["unassigned"]
    table = files("vault.sdk.keys").joinpath("unassigned.txt").read_text(encoding="ascii")
    assert (said["file"], said["sha256"]) == (
        "vault/sdk/keys/unassigned.txt",
        hashlib.sha256(table.encode()).hexdigest(),
    )


def test_what_a_server_may_ask_for_is_written_back_as_it_came() -> None:
    for one in read("4-argon2id")["parameters"]:
        if one["verdict"] == "accepted":
            assert read_parameters(one["parameters"]).to_json().items() <= one["parameters"].items()


@pytest.mark.parametrize("sign", vectors.SEPARATING, ids=ascii)
def test_a_listed_sign_separates_words(sign: str) -> None:
    assert split(f"appel{sign}fiets") == ["appel", "fiets"]


@pytest.mark.parametrize("sign", vectors.BINDING, ids=ascii)
def test_no_other_sign_does(sign: str) -> None:
    assert len(split(f"appel{sign}fiets")) == 1


def test_wraps_open_as_the_vectors_say() -> None:
    found = read("4-wraps")
    kept = wrap_vectors.known_files()
    assert set(kept) == {case["name"] for case in found["age"]}, "each file holds today's text"
    assert wrap_vectors.vectors(kept) == found
    for family in ("age", "symmetric"):
        verdicts = {case["verdict"] for case in found[family]}
        assert "allowed" in verdicts
        assert len(verdicts) > 2
