"""Practice, chains, members, sessions, throttles on SQL; contracts are those of `vault.ports.people.PeopleStore`."""
# ruff: noqa: D102  the port says it

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, bindparam, delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from vault.adapters.database import tables
from vault.adapters.database.rows import Rows, batches, columns
from vault.adapters.sql.factory import insert_into, undoable
from vault.domain.clock import ClockWord
from vault.domain.people import ChainRow, FormerRow, MemberRow, PracticeRow
from vault.domain.sessions import STEPS_APART, SessionRow, ThrottleRow
from vault.ports.errors import ConflictError

# What every request asks, built once.
_NEWEST = (
    select(tables.chain)
    .where(tables.chain.c.kind == bindparam("kind"))
    .order_by(tables.chain.c.version.desc())
    .limit(1)
)
_SESSION = select(tables.session).where(tables.session.c.token == bindparam("token"))


class SqlPeopleStore(Rows):
    """Implements `vault.ports.people.PeopleStore`."""

    def practice(self) -> PracticeRow | None:
        table = tables.practice.c
        return self._one(PracticeRow, select(table.id, table.setup, table.director, table.sheet, table.created_at))

    def add_practice(self, practice: PracticeRow) -> None:
        if not self._insert(tables.practice, practice):
            raise ConflictError("this vault was set up already")

    def set_sheet(self, sheet: bytes) -> None:
        self._changed(update(tables.practice).values(sheet=sheet))

    def add_chain(self, record: ChainRow) -> None:
        if not self._insert(tables.chain, record):
            raise ConflictError(f"there is a {record.kind} of version {record.version} already")

    def mend_chain(self, record: ChainRow) -> None:
        table = tables.chain
        there = and_(table.c.kind == record.kind, table.c.version == record.version)
        self._changed(update(table).where(there).values(columns(record, "kind", "version")))

    def chain(self, kind: str, *, after: int = 0, limit: int = 500) -> list[ChainRow]:
        table = tables.chain
        query = select(table).where(table.c.kind == kind, table.c.version > after)
        return self._all(ChainRow, query.order_by(table.c.version).limit(limit))

    def chain_by_hash(self, kind: str, hashes: Sequence[str]) -> list[ChainRow]:
        table, found = tables.chain, []
        for group in batches(hashes):
            found += self._all(ChainRow, select(table).where(table.c.hash.in_(group), table.c.kind == kind))
        return sorted(found, key=lambda record: record.version)

    def newest(self, kind: str) -> ChainRow | None:
        return self._one(ChainRow, _NEWEST, {"kind": kind})

    def add_member(self, member: MemberRow) -> None:
        if not self._insert(tables.member, member):
            raise ConflictError("there is a member with this id or e-mail address already")

    def member(self, member: str) -> MemberRow | None:
        return self._one(MemberRow, select(tables.member).where(tables.member.c.id == member))

    def member_by_email(self, email: bytes) -> MemberRow | None:
        return self._one(MemberRow, select(tables.member).where(tables.member.c.email == email))

    def update_member(self, member: MemberRow) -> None:
        values = columns(member, "id", "totp_step", "created_at")
        statement = update(tables.member).where(tables.member.c.id == member.id).values(values)
        try:
            with undoable(self._connection):
                found = self._changed(statement)
        except IntegrityError as error:
            raise ConflictError("another member has this e-mail address") from error
        if not found:
            raise LookupError("no such member")

    def enrolled(self) -> MemberRow | None:
        table = tables.member
        query = select(table).where(table.c.login.is_not(None)).order_by(table.c.created_at, table.c.id)
        return self._one(MemberRow, query.limit(1))

    def members(self) -> list[MemberRow]:
        return self._all(MemberRow, select(tables.member).order_by(tables.member.c.id))

    def spend_totp(self, member: str, step: int) -> bool:
        table = tables.member
        unused = or_(table.c.totp_step < step, table.c.totp_step > step + STEPS_APART)
        statement = update(table).where(table.c.id == member, unused).values(totp_step=step)
        return self._changed(statement) == 1

    def begin_totp(self, member: str, step: int) -> None:
        self._changed(update(tables.member).where(tables.member.c.id == member).values(totp_step=step))

    def set_codes(self, member: str, codes: Collection[bytes]) -> None:
        table = tables.recovery_code
        self._changed(delete(table).where(table.c.member == member))
        if codes:
            self._write(insert(table), table, *({"member": member, "code": code} for code in codes))

    def codes(self, member: str) -> list[bytes]:
        table = tables.recovery_code.c
        query = select(table.code).where(table.member == member).order_by(table.code)
        return [bytes(code) for code in self._connection.scalars(query)]

    def spend_code(self, member: str, code: bytes) -> bool:
        table = tables.recovery_code
        return self._changed(delete(table).where(table.c.member == member, table.c.code == code)) == 1

    def keep_former(self, former: FormerRow) -> None:
        statement = insert_into(self._connection, tables.former).values(columns(former))
        self._changed(statement.on_conflict_do_nothing())

    def formers(self, member: str) -> list[FormerRow]:
        table = tables.former
        return self._all(FormerRow, select(table).where(table.c.member == member).order_by(table.c.at))

    def sweep_formers(self, before: datetime) -> int:
        return self._changed(delete(tables.former).where(tables.former.c.at < before))

    def add_session(self, session: SessionRow) -> None:
        if not self._insert(tables.session, session):
            raise ConflictError("there is a session with this token already")

    def session(self, token: bytes) -> SessionRow | None:
        return self._one(SessionRow, _SESSION, {"token": token})

    def sessions(self, member: str) -> list[SessionRow]:
        table = tables.session
        query = select(table).where(table.c.member == member).order_by(table.c.created_at, table.c.token)
        return self._all(SessionRow, query)

    def touch_session(self, token: bytes, now: datetime) -> None:
        self._changed(update(tables.session).where(tables.session.c.token == token).values(seen_at=now))

    def end_session(self, token: bytes) -> None:
        self._changed(delete(tables.session).where(tables.session.c.token == token))

    def end_sessions(self, member: str | None = None, but: bytes | None = None) -> None:
        statement, table = delete(tables.session), tables.session.c
        if member is not None:
            statement = statement.where(table.member == member)
        self._changed(statement if but is None else statement.where(table.token != but))

    def sweep_sessions(self, idle_before: datetime, created_before: datetime, ahead: datetime) -> int:
        table = tables.session
        expired = or_(table.c.seen_at < idle_before, table.c.created_at < created_before)
        over = or_(expired, table.c.seen_at > ahead, table.c.created_at > ahead)
        return self._changed(delete(table).where(over))

    def throttle(self, key: bytes) -> ThrottleRow | None:
        return self._one(ThrottleRow, select(tables.throttle).where(tables.throttle.c.key == key))

    def set_throttle(self, throttle: ThrottleRow) -> None:
        statement = insert_into(self._connection, tables.throttle).values(columns(throttle))
        self._changed(statement.on_conflict_do_update(index_elements=["key"], set_=columns(throttle, "key")))

    def clear_throttle(self, key: bytes) -> None:
        self._changed(delete(tables.throttle).where(tables.throttle.c.key == key))

    def sweep_throttles(self, before: datetime, ahead: datetime, most: int) -> int:
        until = tables.throttle.c.until
        void = self._sweep(until > ahead)
        first_beyond = select(until).order_by(until.desc()).offset(most).limit(1).scalar_subquery()
        return void + self._sweep(or_(until < before, until <= first_beyond))

    def _sweep(self, which: ColumnElement[bool]) -> int:
        # A sign-in clears two rows in an order of its own: one that it holds stays for the next sweep, and none waits.
        free = select(tables.throttle.c.key).where(which).with_for_update(skip_locked=True)
        return self._changed(delete(tables.throttle).where(tables.throttle.c.key.in_(free)))

    def keep_word(self, word: ClockWord) -> None:
        statement = insert_into(self._connection, tables.clock_word).values(columns(word))
        self._changed(statement.on_conflict_do_update(index_elements=["member"], set_=columns(word, "member")))

    def clock_words(self) -> list[ClockWord]:
        return self._all(ClockWord, select(tables.clock_word).order_by(tables.clock_word.c.member))
