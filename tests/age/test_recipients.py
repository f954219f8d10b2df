"""Recipients and identities of every type, by themselves and in one header."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.age import (
    HeaderError,
    HmacError,
    HybridIdentity,
    HybridRecipient,
    KeyStringError,
    NoMatchError,
    RecipientError,
    ScryptIdentity,
    ScryptRecipient,
    X25519Identity,
    X25519Recipient,
    read_header,
    unwrap,
    write_header,
)
from vault.age.format import Stanza, authenticated_part, encode_unpadded
from vault.age.recipients import wrap_file_key

FILE_KEY = bytes(range(16))
HYBRID = HybridIdentity(bytes(32))
CLASSIC = X25519Identity(bytes(range(32)))


def opened(recipients, identities, **options):
    return unwrap(read_header(write_header(FILE_KEY, recipients)), identities, **options)


@given(st.binary(min_size=32, max_size=32))
def test_a_header_gives_the_file_key_to_its_recipients_alone(seed):
    for kind in (HybridIdentity, X25519Identity):
        mine, other = kind(seed), kind.generate()
        recipients = [other.recipient(), mine.recipient()]
        assert opened(recipients, [mine]) == FILE_KEY
        with pytest.raises(NoMatchError):
            opened(recipients, [HybridIdentity.generate(), X25519Identity.generate(), ScryptIdentity("x")])


def test_a_passphrase_opens_and_a_wrong_one_does_not():
    recipient = ScryptRecipient("correct horse", work_factor=2)
    assert opened([recipient], [ScryptIdentity("correct horse")]) == FILE_KEY
    with pytest.raises(NoMatchError):
        opened([recipient], [ScryptIdentity("battery staple"), CLASSIC])
    assert opened([recipient], [ScryptIdentity("correct horse", max_work_factor=2)]) == FILE_KEY
    with pytest.raises(HeaderError, match="over 1"):
        opened([recipient], [ScryptIdentity("correct horse", max_work_factor=1)])
    with pytest.raises(RecipientError, match="empty"):
        ScryptRecipient("")


@pytest.mark.parametrize(
    "recipients",
    [
        [],
        [HYBRID.recipient(), CLASSIC.recipient()],
        [ScryptRecipient("a"), ScryptRecipient("b")],
        [ScryptRecipient("a"), CLASSIC.recipient()],
    ],
)
def test_recipients_that_weaken_each_other_are_refused(recipients):
    with pytest.raises(RecipientError):
        write_header(FILE_KEY, recipients)


def test_the_expected_type_must_stand_alone():
    hybrid = HYBRID.recipient()
    assert opened([hybrid], [HYBRID], expect="mlkem768x25519") == FILE_KEY
    with pytest.raises(HeaderError, match="exactly one"):
        opened([hybrid, hybrid], [HYBRID], expect="mlkem768x25519")
    with pytest.raises(HeaderError, match="exactly one"):
        opened([CLASSIC.recipient()], [CLASSIC], expect="mlkem768x25519")


def test_a_header_changed_after_it_was_written_is_refused():
    header = read_header(write_header(FILE_KEY, [HYBRID.recipient()]))
    stanzas = (*header.stanzas, Stanza("grease", (), b""))
    with pytest.raises(HmacError):
        unwrap(header._replace(stanzas=stanzas, authenticated=authenticated_part(stanzas)), [HYBRID])


def test_a_passphrase_beside_another_stanza_is_refused():
    header = read_header(write_header(FILE_KEY, [ScryptRecipient("a", work_factor=2)]))
    stanzas = (*header.stanzas, *header.stanzas)
    with pytest.raises(HeaderError, match="beside"):
        unwrap(header._replace(stanzas=stanzas), [ScryptIdentity("a")])


def test_a_file_key_has_16_bytes():
    with pytest.raises(ValueError, match="16 bytes"):
        write_header(b"short", [HYBRID.recipient()])


@pytest.mark.parametrize("kind", [HybridIdentity, X25519Identity, HybridRecipient, X25519Recipient])
def test_a_key_of_another_size_is_refused(kind):
    with pytest.raises(KeyStringError):
        kind(b"short")


def test_a_hybrid_recipient_that_cannot_exist_is_refused():
    with pytest.raises(KeyStringError, match="possible"):
        HybridRecipient(b"\xff" * 1216)


def test_a_recipient_of_low_order_is_refused():
    with pytest.raises(RecipientError, match="low order"):
        write_header(FILE_KEY, [X25519Recipient(bytes(32))])
    hybrid = HYBRID.recipient().to_bytes()[:-32] + bytes(32)
    with pytest.raises(RecipientError, match="low order"):
        write_header(FILE_KEY, [HybridRecipient(hybrid)])


@pytest.mark.parametrize("identity", [HYBRID, CLASSIC])
@pytest.mark.parametrize("body", [b"", bytes(31), bytes(33)])
def test_a_stanza_of_another_length_is_malformed(identity, body):
    stanza = identity.recipient().wrap(FILE_KEY)
    with pytest.raises(HeaderError, match="malformed"):
        identity.unwrap(stanza._replace(body=body))


@pytest.mark.parametrize("identity", [HYBRID, CLASSIC])
def test_a_share_of_another_length_is_malformed(identity):
    stanza = identity.recipient().wrap(FILE_KEY)
    with pytest.raises(HeaderError, match="malformed"):
        identity.unwrap(stanza._replace(args=(encode_unpadded(b"short"),)))


def test_a_low_order_share_is_malformed():
    body = wrap_file_key(bytes(32), FILE_KEY)
    with pytest.raises(HeaderError, match="low order"):
        CLASSIC.unwrap(Stanza("X25519", (encode_unpadded(bytes(32)),), body))
    with pytest.raises(HeaderError, match="low order"):
        HYBRID.unwrap(Stanza("mlkem768x25519", (encode_unpadded(bytes(1120)),), body))


@pytest.mark.parametrize("args", [("", "10"), (encode_unpadded(bytes(16)), "010"), (encode_unpadded(bytes(16)), "²")])
def test_a_malformed_scrypt_stanza_is_refused(args):
    with pytest.raises(HeaderError, match="malformed"):
        ScryptIdentity("x").unwrap(Stanza("scrypt", args, bytes(32)))


def test_secrets_do_not_show():
    secret = hashlib.sha256(b"seed").digest()
    for kept in (HybridIdentity(secret), X25519Identity(secret), ScryptIdentity("secret"), ScryptRecipient("secret")):
        assert "(…)" in repr(kept)


def test_recipients_are_values():
    for identity in (HYBRID, CLASSIC):
        recipient = identity.recipient()
        assert recipient == type(recipient)(recipient.to_bytes())
        assert recipient != "age1"
        assert len({recipient, identity.recipient()}) == 1
        assert recipient.to_string()[:16] in repr(recipient)
    assert HYBRID.seed == bytes(32)
