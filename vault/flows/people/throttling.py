"""Counting failed sign-ins, so that a stranger's failures make nobody wait but himself.

Failures are counted by account and source. A device that was signed in on before shows its *device token*, and is
counted by that instead of by its source: whoever shares the source with it (one office, one provider) cannot make it
wait. A token is worth that and nothing else.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime

from vault.domain.sessions import FORGOTTEN_AFTER, LONGEST_WAIT, MOST_THROTTLES, next_throttle
from vault.flows.answers import Throttled
from vault.flows.context import Ports
from vault.ports.store import Named, Transaction
from vault.records.encoding import RecordError, from_base64url, lp, to_base64url
from vault.rules.terms import CLOCK_SLACK
from vault.rules.verdict import Refused

THROTTLES = Named("throttles")
NONCE_SIZE = 16
DEVICE_LABEL = b"vault/v1/device"


def attempts_key(ports: Ports, account: bytes, source: str, device: str | None) -> bytes:
    """The key of an account's failures from a source, or of a device that was signed in on; `account`: `email_key`."""
    nonce = None if device is None else _nonce(ports, account, device)
    part = lp(b"source", source.encode()) if nonce is None else lp(b"device", nonce)
    return hmac.digest(account, part, hashlib.sha256)


def codes_key(account: bytes) -> bytes:
    """The key of an account's one-time codes, from all sources: a million codes are soon tried from many sources."""
    return hmac.digest(account, lp(b"codes"), hashlib.sha256)


def session_key(account: bytes, token: bytes) -> bytes:
    """The key of what is tried within a session: who stole one waits alone."""
    return hmac.digest(account, lp(b"session", token), hashlib.sha256)


def device_token(ports: Ports, account: bytes, device: str | None) -> str:
    """The token of the device that signed in: the one it showed, or a new one."""
    if device is not None and _nonce(ports, account, device) is not None:
        return device
    nonce = secrets.token_bytes(NONCE_SIZE)
    return to_base64url(nonce + _tag(ports, account, nonce))


def _nonce(ports: Ports, account: bytes, device: str) -> bytes | None:
    """What the token of a device is counted by; None for one that this installation did not give for this account."""
    try:
        raw = from_base64url(device)
    except RecordError:
        return None
    nonce, tag = raw[:NONCE_SIZE], raw[NONCE_SIZE:]
    return nonce if hmac.compare_digest(tag, _tag(ports, account, nonce)) else None


def _tag(ports: Ports, account: bytes, nonce: bytes) -> bytes:
    return hmac.digest(ports.installation.secret("lookup"), lp(DEVICE_LABEL, account, nonce), hashlib.sha256)


def unit(account: bytes) -> Named:
    """The unit of work of whatever signs in, or fails to, under this address."""
    return Named(f"signing in {codes_key(account).hex()}")


def waiting(ports: Ports, key: bytes, now: datetime) -> Throttled | None:
    """The wait of this key, if any."""
    with ports.store.reading() as tx:
        return wait(tx, key, now)


def wait(tx: Transaction, key: bytes, now: datetime) -> Throttled | None:
    """As `waiting`, within a unit of work."""
    throttle = tx.throttle(key)
    return None if throttle is None else Throttled.after(throttle.waits(now))


def failed(ports: Ports, account: bytes, key: bytes, now: datetime, answer: Refused) -> Refused | Throttled:
    """Count one more failure; if others were counted meanwhile, the answer is to wait, and not the reason."""
    with ports.store.transaction(unit(account)) as tx:
        if waits := wait(tx, key, now):
            return waits
        tx.set_throttle(next_throttle(tx.throttle(key), key, now))
    if not key[-1]:  # once in 256 keys, which are a secret's HMAC: nobody can choose one
        with ports.store.transaction(THROTTLES) as tx:  # a unit of its own: two sweeps never wait for each other's rows
            tx.sweep_throttles(now - FORGOTTEN_AFTER, now + LONGEST_WAIT + CLOCK_SLACK, MOST_THROTTLES)
    return answer
