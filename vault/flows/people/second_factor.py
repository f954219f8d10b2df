"""The second factor: a one-time code of the member's app, or one of her ten recovery codes, each used once."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from vault import totp
from vault.domain.people import MemberRow
from vault.flows.audit import auditing
from vault.flows.context import Ports
from vault.flows.people.members import subject_of
from vault.ports.store import Transaction
from vault.records.encoding import lp
from vault.rules.verdict import Refused

CODE_LABEL = b"vault/v1/recovery-code"
CODE_WRONG, CODE_SPENT = Refused("code_wrong"), Refused("code_spent")


@dataclass(frozen=True, slots=True)
class Factor:
    """A right code that is not spent yet: its step, or the HMAC of a recovery code."""

    member: str
    step: int | None
    code: bytes | None

    @property
    def alone(self) -> bool:
        """Whether it is spent in an exclusive unit of work: recovery codes are nobody else's rows."""
        return self.code is not None

    def spend(self, tx: Transaction, now: datetime) -> bool:
        """Spend it; False where it was spent before. A recovery code leaves a line in the member's audit."""
        if self.step is not None:
            return tx.spend_totp(self.member, self.step)
        assert self.code is not None
        if not tx.spend_code(self.member, self.code):
            return False
        auditing.note(tx, self.member, "recovery_code_used", self.member, now, left=len(tx.codes(self.member)))
        return True


def matching(ports: Ports, member: MemberRow, code: str, now: datetime) -> Factor | None:
    """The factor that this code is; None for a wrong one."""
    assert member.totp is not None
    if len(code) != totp.DIGITS:
        kept = kept_code(ports, member.id, code)
        with ports.store.reading() as tx:
            known = kept in tx.codes(member.id)
        return Factor(member.id, None, kept) if known else None
    secret = ports.keystore.unseal(subject_of(member.id), "member.totp", member.id, member.totp)
    step = totp.matching_step(secret, code, now)
    return None if step is None else Factor(member.id, step, None)


def kept_code(ports: Ports, member: str, code: str) -> bytes:
    """What is kept of a recovery code: an HMAC under a secret that no database holds. A code has 120 random bits."""
    part = lp(CODE_LABEL, member.encode(), code.encode())
    return hmac.digest(ports.installation.secret("lookup"), part, hashlib.sha256)


def kept_codes(ports: Ports, member: str, codes: Sequence[str]) -> frozenset[bytes]:
    """As `kept_code`, of all."""
    return frozenset(kept_code(ports, member, code) for code in codes)


def opening(token: bytes, code: str) -> bytes:
    """What a session keeps of the code that opened it; `token` is the hash of its token."""
    return hmac.digest(token, lp(b"opened", code.encode()), hashlib.sha256)
