"""The soak runs: everything that a user and the hostile source do, for a moment each."""

from __future__ import annotations

import pytest

from tests.bench.honest import LIST, PICK_UP, PUT, SIGN_IN, colleagues
from tests.bench.hostile import ACTS
from tests.bench.soak import Run, _hostile, p95
from tests.bench.stage import stage

pytestmark = pytest.mark.slow


def test_users_do_what_they_do_and_the_hostile_source_does_hers() -> None:
    with stage(on_s3=False) as house:
        user, hostile = colleagues(house.signed_in, house.vault.environment, house.folder / "users", 2)
        hostile.prepare()
        user.prepare()
        user.listed()
        user.put()
        user.pick_up()
        _hostile(house, ACTS, 0.1, hostile, [user.email])  # raises where it does not end well
        user.listed()
        assert house.vault.get("/healthz")[0] == 200


def test_a_tail_is_told_of_what_there_is() -> None:
    assert (p95([]), p95([3.0])) == (0.0, 3.0)
    assert p95([1.0] * 99 + [9.0]) == pytest.approx(1.0)
    assert Run().waits(SIGN_IN, hostile=True) == []
    assert len({SIGN_IN, LIST, PUT, PICK_UP}) == 4
