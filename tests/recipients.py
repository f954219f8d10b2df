"""A recipient to which something can be sealed, for suites in which nothing decrypts."""

from __future__ import annotations

from functools import cache

from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

_CHARSET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"


@cache
def recipient(name: str) -> str:
    """One recipient a name; its checksum is left out of account, as by whoever has it from a signed roster."""
    del name
    public = MLKEM768PrivateKey.generate().public_key().public_bytes_raw()
    public += X25519PrivateKey.generate().public_key().public_bytes_raw()
    number = int.from_bytes(public, "big") << 2  # 1,216 bytes are 1,945 groups of five bits and three bits
    groups = [number >> 5 * place & 31 for place in range(1945, -1, -1)]
    return f"age1pq1{''.join(_CHARSET[group] for group in groups)}qqqqqq"
