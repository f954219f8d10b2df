"""Envelopes as they travel: RecordError, or exact bytes that are kept as they came.

Promise: only RecordError comes out of reading and only SignatureError of verifying; an accepted envelope sent on is
read as the same record with the same hash; no key of ours verifies what it did not sign.
"""

from __future__ import annotations

from tests.fuzz.json_mutation import Mutate, mutate
from tests.records.samples import every
from vault.records import envelope as envelopes
from vault.records.encoding import RecordError
from vault.records.envelope import SignatureError
from vault.records.table import RESERVED, TABLE

LONGEST = 16_384
KINDS = tuple(sorted({*TABLE, *RESERVED}))
SAMPLES = every()
GENUINE = {sample.hash for sample in SAMPLES.values()}


def check(data: bytes) -> None:
    kind = KINDS[data[0] % len(KINDS)] if data else KINDS[0]
    try:
        read = envelopes.parse(data[1:], kind)
    except RecordError:
        return
    again = envelopes.parse(read.to_bytes(), kind)
    assert again == read
    assert again.hash == read.hash
    check_signatures(read)


def check_signatures(read: envelopes.Envelope) -> None:
    for keys in ({}, PUBLIC):
        try:
            envelopes.verify(read, keys)
        except SignatureError:
            continue
        assert read.hash in GENUINE, "a record that nobody signed was verified"


def custom_mutator(data: bytes, longest: int, seed: int, fallback: Mutate) -> bytes:
    return mutate(data, longest, seed, fallback, prefix=1)


def public_keys() -> dict[str, bytes]:
    from tests.records.practice import INSTALLATION, KEYS, ROOT  # noqa: PLC0415 - beside its only use
    from vault.records.types.tombstone import installation_signer  # noqa: PLC0415

    keys = {member: bytes(key.verify_key) for member, key in KEYS.items()}
    installations = [bytes(key.verify_key) for key in INSTALLATION.values()]
    return {**keys, "root": bytes(ROOT.verify_key), **{installation_signer(each): each for each in installations}}


PUBLIC = public_keys()


def seeds() -> dict[str, bytes]:
    return {kind: bytes([KINDS.index(kind)]) + sample.to_bytes() for kind, sample in SAMPLES.items()}
