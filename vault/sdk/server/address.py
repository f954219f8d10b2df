"""The address of a gateway: https, or plain http to this machine alone."""

from __future__ import annotations

import contextlib
import ipaddress
from typing import TYPE_CHECKING

from vault.errors import ConfigurationError

if TYPE_CHECKING:
    from urllib3.util import Url


def check_address(url: str) -> Url:
    """The parts of a gateway's URL; raises ConfigurationError for an invalid or insecure one."""
    from urllib3.exceptions import LocationParseError  # noqa: PLC0415 - loaded with the first server
    from urllib3.util import parse_url  # noqa: PLC0415

    advice = "Set DOSSIER_URL to the address of your practice, such as https://dossier.example.nl."
    try:
        address = parse_url(url)
    except LocationParseError as error:
        raise ConfigurationError(f"this is no address: {url}", advice=advice) from error
    if address.scheme not in {"http", "https"} or not address.host or address.query or address.auth:
        raise ConfigurationError(f"this is no address of a gateway: {url}", advice=advice)
    if address.scheme == "http" and not _is_loopback(address.host):
        raise ConfigurationError(
            "without https anybody on the way could read the sign-in",
            advice="Use the https address; plain http is for this machine alone.",
        )
    return address


def _is_loopback(host: str) -> bool:
    name = host.strip("[]").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(name).is_loopback
    return False
