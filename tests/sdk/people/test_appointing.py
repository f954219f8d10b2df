"""Who joins has an address."""

from __future__ import annotations

import pytest

from vault.errors import InvalidInputError
from vault.sdk.people.appointing import check_email


@pytest.mark.parametrize("email", ["", "a", "@b.nl", "a@", "a b@c.nl", "a@b\n.nl"])
def test_what_is_no_address_is_refused(email: str) -> None:
    with pytest.raises(InvalidInputError):
        check_email(email)
