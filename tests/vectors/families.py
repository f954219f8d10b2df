"""A family of cases that chance makes, with what Python says of each."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import NamedTuple

from tests.vectors.mutations import Json
from vault.errors import VaultError


class Family(NamedTuple):
    """Chance makes a case, Python judges it; `share` are its cases where a costly family has one.

    `words`: FORMAT says which fault of several gives the word.
    """

    make: Callable[[Random], Json]
    judge: Callable[[Json], Json]
    words: bool = True
    share: int = 1


def outcome(judge: Callable[[Json], Json], case: Json) -> Json:
    """The value, or the code of the refusal; any other error is a mistake of the reader."""
    try:
        return judge(case)
    except VaultError as error:
        return error.code
