"""The audit of an account that does not hold, or is not what this device saw, is said."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.client.house import PASSWORD, House
from vault.errors import IntegrityError
from vault.sdk.audit.account_chain import account_events
from vault.sdk.keys.recovery_codes import new_codes
from vault.sdk.people.account import Factors, change_codes


@pytest.mark.parametrize("lie", ["cut", "other", "changed", "unreadable"])
def test_an_audit_of_the_account_that_does_not_hold_is_said(house: House, lie: str) -> None:
    change_codes(house.signed_in, Factors(PASSWORD, house.code), new_codes())
    assert len(account_events(house.signed_in)) == 1
    house.move("+60s")
    if lie == "other":
        key = (house.signed_in.member, 1)
        entry = house.gateway.rows.audit.pop(key)
        change_codes(house.signed_in, Factors(PASSWORD, house.code), new_codes())
        assert house.gateway.rows.audit[key] != entry
    lies: dict[str, Callable[[dict[str, object]], dict[str, object]]] = {
        "cut": lambda said: {**said, "items": []},
        "other": lambda said: said,
        "changed": lambda said: {**said, "items": [{**said["items"][0], "event": "nothing"}]},  # type: ignore[index]
        "unreadable": lambda said: {**said, "items": [{"sequence": "x"}]},
    }
    house.line.lie("GET", "/account/audit", lies[lie])
    with pytest.raises(IntegrityError):
        account_events(house.signed_in)
