"""Rows of the practice, its members and their sessions."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from vault.domain.clock import ClockWord
from vault.domain.people import ChainRow, FormerRow, MemberRow, PracticeRow
from vault.domain.sessions import SessionRow, ThrottleRow


class PeopleStore(Protocol):
    """Practice, chains, members, sessions, throttles, words on the clock."""

    def practice(self) -> PracticeRow | None: ...
    def add_practice(self, practice: PracticeRow) -> None: ...
    def set_sheet(self, sheet: bytes) -> None:
        """Replace the digest of the recovery sheet's login secret."""

    def add_chain(self, record: ChainRow) -> None:
        """Raises ConflictError when that version exists."""

    def mend_chain(self, record: ChainRow) -> None:
        """Write that version anew, where it is there; its kind and version stay."""

    def chain(self, kind: str, *, after: int = 0, limit: int = 500) -> list[ChainRow]:
        """The versions above `after`, ascending."""

    def chain_by_hash(self, kind: str, hashes: Sequence[str]) -> list[ChainRow]:
        """Versions of the kind with one of these hashes, ascending; an indexed query."""

    def newest(self, kind: str) -> ChainRow | None: ...
    def add_member(self, member: MemberRow) -> None: ...
    def member(self, member: str) -> MemberRow | None: ...
    def member_by_email(self, email: bytes) -> MemberRow | None: ...
    def update_member(self, member: MemberRow) -> None:
        """Write every field but `totp_step` and `created_at`."""

    def enrolled(self) -> MemberRow | None:
        """Of those who can sign in the one who came first; None before there is one."""

    def members(self) -> list[MemberRow]:
        """All, those who have left too, by id."""

    def spend_totp(self, member: str, step: int) -> bool:
        """Conditional update: True only for the first use of a step later than the last one used.

        A last one further ahead than clocks may differ (`STEPS_APART`) was used while the clock was wrong, and is void.
        """

    def begin_totp(self, member: str, step: int) -> None:
        """A new second factor: the last step used is this one, whatever it was before."""

    def set_codes(self, member: str, codes: Collection[bytes]) -> None:
        """Replace all recovery codes of the member by these; what is kept of a code is its HMAC."""

    def codes(self, member: str) -> list[bytes]:
        """Those that were not used, ascending."""

    def spend_code(self, member: str, code: bytes) -> bool:
        """Conditional removal: True only for the first use."""

    def keep_former(self, former: FormerRow) -> None:
        """Keep credentials that are being replaced; of several replaced in one second the first."""

    def formers(self, member: str) -> list[FormerRow]:
        """By the time they were replaced, ascending."""

    def sweep_formers(self, before: datetime) -> int:
        """Remove those that were replaced before; how many."""

    def add_session(self, session: SessionRow) -> None: ...
    def session(self, token: bytes) -> SessionRow | None: ...
    def sessions(self, member: str) -> list[SessionRow]:
        """All of the member, those that are over as well, oldest first."""

    def touch_session(self, token: bytes, now: datetime) -> None: ...
    def end_session(self, token: bytes) -> None: ...
    def end_sessions(self, member: str | None = None, but: bytes | None = None) -> None:
        """End the sessions of one member, or all; `but` is the token of one that stays."""

    def sweep_sessions(self, idle_before: datetime, created_before: datetime, ahead: datetime) -> int:
        """Remove expired sessions, and those that were made or seen after `ahead`; how many."""

    def throttle(self, key: bytes) -> ThrottleRow | None: ...
    def set_throttle(self, throttle: ThrottleRow) -> None: ...
    def clear_throttle(self, key: bytes) -> None: ...
    def sweep_throttles(self, before: datetime, ahead: datetime, most: int) -> int:
        """Remove those that made nobody wait since then, and those that end after `ahead`; how many.

        Of the others, beyond so many, those that make wait least.

        Throttles that end in the same second stay or go together.
        """

    def keep_word(self, word: ClockWord) -> None:
        """Keep the newest word of that member."""

    def clock_words(self) -> list[ClockWord]:
        """The newest of each member, by member."""
