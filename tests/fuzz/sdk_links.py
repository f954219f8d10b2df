"""Links as people paste them: LinkUnavailableError, or a link of ours that leads where it says.

Promise: only LinkUnavailableError comes out; what is accepted is plain ASCII, over http or https, without user, query
or control characters, with a whole secret or none, and written out is read as the same.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from vault.records.encoding import to_base64url
from vault.sdk.shares.links import Link, LinkUnavailableError, derive, parse_link
from vault.secret import Secret

LONGEST = 2100
SECRET = Secret(b"s" * 32)


def check(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    try:
        link = parse_link(text)
    except LinkUnavailableError:
        return
    written = link.to_string()
    assert parse_link(written) == link
    assert written.isascii()
    assert written.isprintable()
    assert " " not in written
    parts = urlsplit(written)
    assert parts.scheme in {"http", "https"}
    assert parts.username is None
    assert not parts.query
    assert parts.hostname
    if link.secret is not None:
        assert len(link.secret) == 32
        assert len(derive(link.secret).possess) == 32


def seeds() -> dict[str, bytes]:
    share = "5a" * 16
    return {
        "link": Link("https://dossier.example", share, SECRET).to_string().encode(),
        "local": Link("http://127.0.0.1:8420", share, SECRET).to_string().encode(),
        "ipv6": f"http://[::1]:8420/s/{share}#{to_base64url(SECRET)}".encode(),
        "below": f" https://host.example/kluis/s/{share}/\n".encode(),
        "locator": Link("https://dossier.example", share, None).to_string().encode(),
    }
