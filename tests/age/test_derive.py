"""The keys that follow from a file key, against another implementation of HKDF (RFC 5869)."""

import hmac

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from vault.age.derive import commitment, header_mac, hkdf, payload_key

FILE_KEY, NONCE = bytes(range(16)), bytes(range(16, 32))


def expected(secret, salt, info):
    return HKDF(SHA256(), length=32, salt=salt, info=info).derive(secret)


@pytest.mark.parametrize("salt", [b"", b"salt", bytes(200)])
def test_it_is_hkdf_with_sha_256(salt):
    assert hkdf(b"secret", salt=salt, info=b"info") == expected(b"secret", salt, b"info")


def test_the_payload_key_is_salted_by_the_nonce():
    assert payload_key(FILE_KEY, NONCE) == expected(FILE_KEY, NONCE, b"payload")


def test_the_header_mac_covers_what_stands_before_it():
    key = expected(FILE_KEY, b"", b"header")
    assert header_mac(FILE_KEY, b"text ---") == hmac.digest(key, b"text ---", "sha256")


def test_the_commitment_is_the_one_that_the_format_names():
    """FORMAT.md section 4: HKDF(file key, `vault/v1/commitment`)."""
    assert commitment(FILE_KEY) == expected(FILE_KEY, b"", b"vault/v1/commitment")
