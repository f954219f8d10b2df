"""A link is understood exactly, or it is as unavailable as an unknown one; its secret is shown nowhere."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.errors import InvalidInputError
from vault.sdk.shares.links import (
    Link,
    LinkIncompleteError,
    LinkUnavailableError,
    derive,
    new_secret,
    parse_link,
    possession,
    stretch,
)
from vault.secret import Secret

SHARE = "00112233445566778899aabbccddeeff"
SECRET = Secret(bytes(range(32)))
LINK = Link("https://dossier.example.nl", SHARE, SECRET)


def test_a_link_reads_back() -> None:
    assert parse_link(LINK.to_string()) == LINK
    assert parse_link(f"  {LINK.to_string()}\n") == LINK
    locator = Link("http://127.0.0.1:8420", SHARE, None)
    assert parse_link(locator.to_string()) == locator
    assert parse_link(locator.to_string()) != LINK
    assert parse_link("https://example.nl/vault/s/" + SHARE).base == "https://example.nl/vault"


@given(st.binary(min_size=32, max_size=32), st.binary(min_size=16, max_size=16))
def test_every_link_reads_back(secret: bytes, share: bytes) -> None:
    link = Link("https://x.nl", share.hex(), Secret(secret))
    parsed = parse_link(link.to_string())
    assert parsed == link
    assert hash(parsed) == hash(link)


@given(st.text())
def test_anything_else_is_unavailable(text: str) -> None:
    with pytest.raises(LinkUnavailableError):
        parse_link(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        LINK.to_string() + "A",
        LINK.to_string().replace("https", "ftp"),
        LINK.to_string().replace("/s/", "/t/"),
        LINK.to_string().replace(SHARE, SHARE.upper()),
        LINK.to_string().replace(SHARE, SHARE[:-1]),
        LINK.to_string().replace("#", "?x=1#x#"),
        LINK.to_string().replace("dossier.example.nl", ""),
        LINK.to_string().replace("dossier.example.nl", "user@evil.nl"),
        LINK.to_string().replace("dossier.example.nl", "x:99999"),
        "https://[x.nl/s/" + SHARE,
        "https://x.nl/" + "a" * 3000 + "#",
        "https://x.nl/\u202e/s/" + SHARE,
        "https://x.nl/\x1b[2J/s/" + SHARE,
        "https://x.nl/a b/s/" + SHARE,
        "https://x.nl/\u00e9/s/" + SHARE,
    ],
)
def test_a_mistyped_link_is_unavailable_like_any_other(text: str) -> None:
    with pytest.raises(LinkUnavailableError) as caught:
        parse_link(text)
    assert str(caught.value) == str(LinkUnavailableError())


@pytest.mark.parametrize("text", [LINK.to_string()[:-1], "https://x.nl/s/" + SHARE + "#"])
def test_a_link_that_lost_its_end_says_so(text: str) -> None:
    with pytest.raises(LinkIncompleteError, match="missing"):
        parse_link(text)


def test_no_secret_is_shown() -> None:
    keys = derive(SECRET)
    shown = f"{LINK!r} {keys!r} {keys} {keys.open!r} {keys.open}"
    for secret in (SECRET, keys.possess, keys.open, keys.cover, keys.capsule, keys.sign):
        assert bytes(secret).hex() not in shown
        assert repr(bytes(secret)) not in shown
    assert "AAEC" not in shown


def test_every_key_has_one_use_and_possession_needs_no_passphrase() -> None:
    plain, locked = derive(SECRET), derive(SECRET, stretch(b"aap noot mies", SHARE))
    assert len({plain.possess, plain.open, plain.cover, plain.capsule, plain.sign}) == 5
    assert plain.possess == locked.possess
    assert not {plain.open, plain.cover, plain.capsule, plain.sign} & {locked.open, locked.cover, locked.sign}
    assert possession(SECRET) == plain.authorization().split(",")[0]
    assert new_secret() != new_secret()


def test_stretching_wants_a_share() -> None:
    with pytest.raises(InvalidInputError):
        stretch(b"x", "share")
