"""Practice, chains, members, sessions, throttles; contracts are those of `vault.ports.people.PeopleStore`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from tests.twins.rows import Rows, kept, refer, to_second
from vault.domain.clock import ClockWord
from vault.domain.people import ChainRow, FormerRow, MemberRow, PracticeRow
from vault.domain.sessions import STEPS_APART, SessionRow, ThrottleRow
from vault.ports.errors import ConflictError


class MemoryPeopleStore(Rows):
    """Implements `vault.ports.people.PeopleStore`."""

    def practice(self) -> PracticeRow | None:
        return self._tables.practice[0] if self._tables.practice else None

    def add_practice(self, practice: PracticeRow) -> None:
        if self._tables.practice:
            raise ConflictError("this vault was set up already")
        self._tables.practice.append(kept(practice))

    def set_sheet(self, sheet: bytes) -> None:
        self._tables.practice[:] = [replace(row, sheet=sheet) for row in self._tables.practice]

    def add_chain(self, record: ChainRow) -> None:
        taken = any(other.hash == record.hash for other in self._tables.chain.values())
        if taken or (record.kind, record.version) in self._tables.chain:
            raise ConflictError(f"there is a {record.kind} of version {record.version} already")
        self._tables.chain[record.kind, record.version] = record

    def mend_chain(self, record: ChainRow) -> None:
        if (record.kind, record.version) in self._tables.chain:
            self._tables.chain[record.kind, record.version] = record

    def chain(self, kind: str, *, after: int = 0, limit: int = 500) -> list[ChainRow]:
        found = (record for record in self._tables.chain.values() if record.kind == kind and record.version > after)
        return sorted(found, key=lambda record: record.version)[:limit]

    def chain_by_hash(self, kind: str, hashes: Sequence[str]) -> list[ChainRow]:
        named = set(hashes)
        found = (record for record in self._tables.chain.values() if record.kind == kind and record.hash in named)
        return sorted(found, key=lambda record: record.version)

    def newest(self, kind: str) -> ChainRow | None:
        found = (record for record in self._tables.chain.values() if record.kind == kind)
        return max(found, key=lambda record: record.version, default=None)

    def add_member(self, member: MemberRow) -> None:
        if member.id in self._tables.member or self.member_by_email(member.email) is not None:
            raise ConflictError("there is a member with this id or e-mail address already")
        self._tables.member[member.id] = kept(member)

    def member(self, member: str) -> MemberRow | None:
        return self._tables.member.get(member)

    def member_by_email(self, email: bytes) -> MemberRow | None:
        return next((member for member in self._tables.member.values() if member.email == email), None)

    def update_member(self, member: MemberRow) -> None:
        before = self._tables.member.get(member.id)
        if before is None:
            raise LookupError("no such member")
        other = self.member_by_email(member.email)
        if other is not None and other.id != member.id:
            raise ConflictError("another member has this e-mail address")
        self._tables.member[member.id] = replace(kept(member), totp_step=before.totp_step, created_at=before.created_at)

    def enrolled(self) -> MemberRow | None:
        can = [row for row in self._tables.member.values() if row.login is not None]
        return min(can, key=lambda row: (row.created_at, row.id), default=None)

    def members(self) -> list[MemberRow]:
        return [row for _, row in sorted(self._tables.member.items())]

    def spend_totp(self, member: str, step: int) -> bool:
        row = self._tables.member.get(member)
        if row is None or step <= row.totp_step <= step + STEPS_APART:
            return False
        self._tables.member[member] = replace(row, totp_step=step)
        return True

    def begin_totp(self, member: str, step: int) -> None:
        self._tables.member[member] = replace(self._tables.member[member], totp_step=step)

    def set_codes(self, member: str, codes: Collection[bytes]) -> None:
        for code in self.codes(member):
            del self._tables.recovery_code[member, code]
        for code in codes:
            refer(self._tables.member, member, "member")
            self._tables.recovery_code[member, code] = None

    def codes(self, member: str) -> list[bytes]:
        return sorted(code for owner, code in self._tables.recovery_code if owner == member)

    def spend_code(self, member: str, code: bytes) -> bool:
        found = (member, code) in self._tables.recovery_code
        self._tables.recovery_code.pop((member, code), None)
        return found

    def keep_former(self, former: FormerRow) -> None:
        refer(self._tables.member, former.member, "member")
        self._tables.former.setdefault((former.member, to_second(former.at)), kept(former))

    def formers(self, member: str) -> list[FormerRow]:
        return [row for (owner, _), row in sorted(self._tables.former.items()) if owner == member]

    def sweep_formers(self, before: datetime) -> int:
        over = [key for key in self._tables.former if key[1] < to_second(before)]
        for key in over:
            del self._tables.former[key]
        return len(over)

    def add_session(self, session: SessionRow) -> None:
        taken = any(other.id == session.id for other in self._tables.session.values())
        if taken or session.token in self._tables.session:
            raise ConflictError("there is a session with this token already")
        refer(self._tables.member, session.member, "member")
        self._tables.session[session.token] = kept(session)

    def session(self, token: bytes) -> SessionRow | None:
        return self._tables.session.get(token)

    def sessions(self, member: str) -> list[SessionRow]:
        own = [session for session in self._tables.session.values() if session.member == member]
        return sorted(own, key=lambda session: (session.created_at, session.token))

    def touch_session(self, token: bytes, now: datetime) -> None:
        session = self._tables.session.get(token)
        if session is not None:
            self._tables.session[token] = replace(session, seen_at=to_second(now))

    def end_session(self, token: bytes) -> None:
        self._tables.session.pop(token, None)

    def end_sessions(self, member: str | None = None, but: bytes | None = None) -> None:
        for token, session in list(self._tables.session.items()):
            if token != but and (member is None or session.member == member):
                del self._tables.session[token]

    def sweep_sessions(self, idle_before: datetime, created_before: datetime, ahead: datetime) -> int:
        idle, old, last = to_second(idle_before), to_second(created_before), to_second(ahead)
        over = [
            token
            for token, session in self._tables.session.items()
            if not (idle <= session.seen_at <= last and old <= session.created_at <= last)
        ]
        for token in over:
            del self._tables.session[token]
        return len(over)

    def throttle(self, key: bytes) -> ThrottleRow | None:
        return self._tables.throttle.get(key)

    def set_throttle(self, throttle: ThrottleRow) -> None:
        self._tables.throttle[throttle.key] = kept(throttle)

    def clear_throttle(self, key: bytes) -> None:
        self._tables.throttle.pop(key, None)

    def sweep_throttles(self, before: datetime, ahead: datetime, most: int) -> int:
        rows = self._tables.throttle
        void = [key for key, throttle in rows.items() if throttle.until > to_second(ahead)]
        for key in void:
            del rows[key]
        ends = sorted((throttle.until for throttle in rows.values()), reverse=True)
        over = [
            key
            for key, throttle in rows.items()
            if throttle.until < to_second(before) or (len(ends) > most and throttle.until <= ends[most])
        ]
        for key in over:
            del rows[key]
        return len(void) + len(over)

    def keep_word(self, word: ClockWord) -> None:
        refer(self._tables.member, word.member, "member")
        self._tables.clock_word[word.member] = kept(word)

    def clock_words(self) -> list[ClockWord]:
        return [word for _, word in sorted(self._tables.clock_word.items())]
