"""Both factors on one request: what changes a password, a factor, recovery codes or a keyring is no session's alone.

Whoever stole a session has neither factor; whoever knows the password has no code; and wrong ones are counted as at
signing in, so that nothing can be tried here that could not be tried there.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from vault.domain.people import FormerRow, MemberRow, PracticeRow
from vault.flows.answers import NOT_FOUND, Throttled
from vault.flows.context import Caller, Ports
from vault.flows.people import second_factor
from vault.flows.people.members import digest, subject_of
from vault.flows.people.second_factor import CODE_SPENT, CODE_WRONG, Factor
from vault.flows.people.throttling import codes_key, failed, session_key, wait, waiting
from vault.ports.store import Transaction
from vault.rules.verdict import Refused

WRONG = Refused("credentials_wrong")
OPENED_WITHIN = timedelta(minutes=5)  # how long the code that opened a session counts for renewing its keyring


@dataclass(frozen=True, slots=True)
class Proof:
    """The password's login secret and a code of the second factor; or the recovery sheet's, which is both at once."""

    login: bytes | None = field(default=None, repr=False)
    code: str = field(default="", repr=False)
    recovery_login: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Known:
    """A member whose password or sheet was right. `formerly`: the one that her last change replaced."""

    member: MemberRow
    by_sheet: bool = False
    formerly: bool = False


@dataclass(frozen=True, slots=True)
class Proven:
    """A member who showed both factors; `factor` is the code to spend, if there is one."""

    member: MemberRow
    caller: Caller
    factor: Factor | None

    def spend(self, tx: Transaction, now: datetime) -> MemberRow | Refused | Throttled:
        """The member as she is now, her code spent; refused where anything was changed since it was checked."""
        for key in (session_key(self.member.email, self.caller.token), codes_key(self.member.email)):
            if waits := wait(tx, key, now):
                return waits
        there = tx.member(self.member.id)
        if there is None or (there.login, there.totp) != (self.member.login, self.member.totp):
            return WRONG
        if self.factor is not None and not self.factor.spend(tx, now):
            return CODE_SPENT
        tx.clear_throttle(session_key(self.member.email, self.caller.token))
        tx.clear_throttle(codes_key(self.member.email))
        return there


def known(ports: Ports, caller: Caller, proof: Proof, now: datetime) -> Known | Refused | Throttled:
    """The caller, if the password's or the sheet's part of the proof is hers; a wrong one is counted.

    The password that her last change replaced is known as well: so a repetition of that change is told from a guess.
    """
    with ports.store.reading() as tx:
        member, formers, practice = tx.member(caller.member), tx.formers(caller.member), tx.practice()
    if member is None or member.login is None:
        return NOT_FOUND
    key = session_key(member.email, caller.token)
    if waits := waiting(ports, key, now):
        return waits
    if _is_sheet(practice, member, proof.recovery_login):
        return Known(member, by_sheet=True)
    if _is(ports, member, "login", proof.login):
        return Known(member)
    if formers and _is(ports, formers[-1], "login", proof.login):
        return Known(member, formerly=True)
    return failed(ports, member.email, key, now, WRONG)


def prove(
    ports: Ports, caller: Caller, found: Known, proof: Proof, now: datetime, *, renewing: bool = False
) -> Proven | Refused | Throttled:
    """The second part of the proof: a code that is not spent yet; the sheet needs none.

    `renewing`: the code that opened this session a moment ago counts once more.
    """
    member = found.member
    if found.formerly:
        return failed(ports, member.email, session_key(member.email, caller.token), now, WRONG)
    if found.by_sheet or (renewing and _opened(ports, caller, proof.code, now)):
        return Proven(member, caller, None)
    codes = codes_key(member.email)
    if waits := waiting(ports, codes, now):
        return waits
    factor = second_factor.matching(ports, member, proof.code, now)
    if factor is None:
        return failed(ports, member.email, codes, now, CODE_WRONG)
    return Proven(member, caller, factor)


def _is_sheet(practice: PracticeRow | None, member: MemberRow, given: bytes | None) -> bool:
    """Whether it is the practice's sheet, and the member one whose keyring it opens."""
    if practice is None or given is None or member.recovery is None:
        return False
    return hmac.compare_digest(practice.sheet, digest(given))


def _is(ports: Ports, row: MemberRow | FormerRow, name: str, given: bytes | None) -> bool:
    sealed: bytes | None = getattr(row, name)
    if given is None or sealed is None:
        return False
    member = row.id if isinstance(row, MemberRow) else row.member
    kept = ports.keystore.unseal(subject_of(member), f"member.{name}", member, sealed)
    return hmac.compare_digest(kept, digest(given))


def _opened(ports: Ports, caller: Caller, code: str, now: datetime) -> bool:
    with ports.store.reading() as tx:
        session = tx.session(caller.token)
    if session is None or session.opened is None or now - session.created_at > OPENED_WITHIN:
        return False
    return hmac.compare_digest(session.opened, second_factor.opening(session.token, code))
