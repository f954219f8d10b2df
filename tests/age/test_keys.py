import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.age import (
    HybridIdentity,
    KeyStringError,
    X25519Identity,
    bech32,
    parse_identities,
    parse_identity,
    parse_recipient,
    parse_recipients,
)

IDENTITIES = [HybridIdentity(bytes(32)), X25519Identity(bytes(32))]


@pytest.mark.parametrize("identity", IDENTITIES)
def test_keys_go_round_as_text(identity):
    assert parse_identity(identity.to_string()).to_string() == identity.to_string()
    recipient = identity.recipient()
    assert parse_recipient(recipient.to_string()) == recipient


def test_files_of_keys_have_comments_and_empty_lines():
    texts = [identity.to_string() for identity in IDENTITIES]
    found = parse_identities("# a comment\n\n" + "\r\n".join(texts) + "\n")
    assert [identity.to_string() for identity in found] == texts
    recipients = [identity.recipient() for identity in IDENTITIES]
    assert parse_recipients("\n".join(recipient.to_string() for recipient in recipients)) == recipients


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (IDENTITIES[0].to_string(), "secret"),
        ("ssh-ed25519 AAAA", "SSH"),
        (bech32.encode("age1tag", bytes(33)), "unknown"),
        (IDENTITIES[1].recipient().to_string().upper(), "unknown"),
        ("age1", "not a key"),
    ],
)
def test_what_is_no_recipient_is_refused(text, says):
    with pytest.raises(KeyStringError, match=says):
        parse_recipient(text)


def test_what_is_no_identity_is_refused():
    for text in (IDENTITIES[0].to_string().lower(), IDENTITIES[1].recipient().to_string()):
        with pytest.raises(KeyStringError, match="unknown"):
            parse_identity(text)


def test_an_error_names_the_line_and_does_not_show_it():
    secret = IDENTITIES[0].to_string()[:-1]
    with pytest.raises(KeyStringError, match="line 2") as failure:
        parse_identities(f"# comment\n{secret}\n")
    assert secret not in str(failure.value)


@pytest.mark.parametrize(("parse", "noun"), [(parse_recipients, "recipient"), (parse_identities, "identity")])
def test_a_file_without_a_key_is_refused(parse, noun):
    with pytest.raises(KeyStringError, match=f"there is no {noun} in it"):
        parse("# nobody\n")


@given(st.text(max_size=200))
def test_other_text_is_refused_as_keys(text):
    for parse in (parse_identities, parse_recipients):
        with pytest.raises(KeyStringError):
            parse(text)
