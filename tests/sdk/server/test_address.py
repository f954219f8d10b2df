"""A gateway's address: https, or this machine."""

from __future__ import annotations

import pytest

from vault.errors import ConfigurationError
from vault.sdk.server.api import Api


@pytest.mark.parametrize(
    "url", ["", "ftp://x", "http://example.nl", "https://u:p@x.nl", "https://x.nl/?a=b", "http://10.0.0.1", "http://["]
)
def test_an_address_that_is_none_or_not_safe_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError):
        Api(url)


@pytest.mark.parametrize("url", ["http://localhost:1", "http://[::1]:1", "http://127.0.0.9", "https://x.nl/vault/"])
def test_https_and_this_machine_are_fine(url: str) -> None:
    assert repr(Api(url, "secret")) == f"Api({url.rstrip('/')!r})"
