"""Setting up the practice, once, with its first director (design section 2, "Members")."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from vault import totp
from vault.domain.people import MemberRow, PracticeRow
from vault.errors import InvalidInputError
from vault.flows.answers import decide
from vault.flows.context import Ports, chain_record
from vault.flows.erasures.rowless import check_kept
from vault.flows.installation_keys import check_clocks, check_first
from vault.flows.people.members import Credentials, Details, check_details, digest, seal_member, subject_of
from vault.ports.store import Transaction
from vault.records.envelope import Envelope
from vault.records.types.policy import Policy
from vault.rules.rights import check_new, check_words
from vault.rules.rosters import first
from vault.rules.verdict import Refused


@dataclass(frozen=True, slots=True)
class SetupState:
    """Whether a practice can still be set up, and the installation's public keys for roster 1, by use."""

    open: bool
    installations: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class SetUp:
    """The first director's request."""

    token: bytes = field(repr=False)
    roster: Envelope
    policy: Envelope
    details: Details
    credentials: Credentials
    sheet: bytes = field(repr=False)
    code: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Created:
    """The practice and its first director; `repeated` when it was set up before by the same request."""

    practice: str
    member: str
    repeated: bool


def setup_state(ports: Ports) -> SetupState:
    """The first question of a new director's client."""
    with ports.store.reading() as tx:
        return SetupState(tx.practice() is None, ports.installation.public)


def is_open(ports: Ports) -> bool:
    """Whether no practice was set up yet: nobody can sign in."""
    with ports.store.reading() as tx:
        return tx.practice() is None


def set_up(ports: Ports, request: SetUp, now: datetime) -> Created | Refused:
    """Make the practice with its first director, once; repeating it with the same roster gives the first answer.

    Raises RosterError, SignatureError or RecordError for invalid records, InvalidInputError for a request that
    contradicts itself.
    """
    if done := done_before(ports, request.roster.hash):
        return done
    token = ports.setup_token()
    if token is None or not hmac.compare_digest(token, request.token):
        return Refused("token_wrong")
    refused = _check_setup(ports, request, now)
    if refused is not None:
        return refused
    step = totp.matching_step(request.credentials.totp, request.code, now)
    if step is None:
        return Refused("code_wrong")
    made = ports.keystore.create([subject_of(request.details.id)])
    member = seal_member(ports, request.details, request.credentials, now)

    def work(tx: Transaction) -> Created | Refused:
        check_kept(ports, subject_of(request.details.id), new=made)
        return _add_practice(tx, request, member, step, now)

    created = decide(ports.store, work)
    if isinstance(created, Created):
        ports.spend_setup_token()
    return created


def done_before(ports: Ports, roster: str | None) -> Created | Refused | None:
    """The answer to a set-up with the roster of this hash, where the practice was set up; None where it was not."""
    with ports.store.reading() as tx:
        practice = tx.practice()
    if practice is None:
        return None
    if practice.setup != roster:
        return Refused("setup_done")
    ports.spend_setup_token()
    return Created(practice.id, practice.director, repeated=True)


def _check_setup(ports: Ports, request: SetUp, now: datetime) -> Refused | None:
    chain = first(request.roster)
    roster = chain.newest
    check_words(request.roster)
    check_new(request.policy, chain)
    if (policy := Policy.read(request.policy)).version != 1 or policy.previous is not None:
        raise InvalidInputError("not a first policy")
    if [m.id for m in roster.members] != [request.details.id]:
        raise InvalidInputError("the first roster names its first director and nobody else")
    check_details(roster, request.details)
    check_first(ports, roster)
    if len(request.credentials.totp) < 16:  # noqa: PLR2004 - RFC 4226 section 4, R6
        raise InvalidInputError("the second factor's secret is too short")
    return check_clocks(None, roster, now)


def _add_practice(tx: Transaction, request: SetUp, member: MemberRow, step: int, now: datetime) -> Created | Refused:
    if tx.practice() is not None:
        return Refused("setup_done")
    practice = request.roster.fields["practice"]
    tx.add_practice(PracticeRow(practice, request.roster.hash, request.details.id, digest(request.sheet), now))
    tx.add_chain(chain_record(request.roster, 1))
    tx.add_chain(chain_record(request.policy, 1))
    tx.add_member(replace(member, totp_step=step))
    return Created(practice, request.details.id, repeated=False)
