"""No pin of a dossier goes back or sideways."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.sdk.device.pin_kinds import SeenDossier, SeenIndex
from vault.sdk.device.pins import Pins
from vault.sdk.errors import ForkError, RollbackError

MEMBER, PRACTICE, HASH = "1" * 32, "2" * 32, "3" * 64
INDEX = SeenIndex(2, HASH, HASH, 5, 1)


@given(st.lists(st.tuples(st.integers(1, 5), st.sampled_from("ab")), max_size=12))
def test_pins_never_go_back_and_never_sideways(shown: list[tuple[int, str]]) -> None:
    pins, newest = Pins(), (0, "")
    for version, head in shown:
        fork, back = version == newest[0] and head != newest[1], version < newest[0]
        try:
            pins.see_head(MEMBER, version, head)
        except ForkError:
            assert fork
        except RollbackError:
            assert back
        else:
            assert not fork
            assert not back
            newest = version, head


def test_a_number_that_the_server_only_names_is_compared_and_not_kept() -> None:
    pins = Pins(dossiers={MEMBER: SeenDossier(1, HASH, INDEX), PRACTICE: SeenDossier(1, HASH)})
    for dossier in (MEMBER, PRACTICE, "5" * 32):
        pins.check_index(dossier, 9, "9" * 64)
    pins.check_index(MEMBER, 2, HASH)
    with pytest.raises(RollbackError):
        pins.check_index(MEMBER, 1, HASH)
    with pytest.raises(ForkError):
        pins.check_index(MEMBER, 2, "9" * 64)
    assert pins.dossiers == {MEMBER: SeenDossier(1, HASH, INDEX), PRACTICE: SeenDossier(1, HASH)}
