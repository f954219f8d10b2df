"""Beat's timetable, which a clock that ran ahead must not stop: what was sent "next year" is due now."""

from __future__ import annotations

from celery.beat import PersistentScheduler, ScheduleEntry
from celery.schedules import schedstate

from vault.domain.clock import from_ahead


class Timetable(PersistentScheduler):  # type: ignore[misc]
    """Celery's own; an entry that was last sent ahead of the clock is sent at once, and counts from then."""

    def is_due(self, entry: ScheduleEntry) -> schedstate:
        """Whether to send it, and when to look again."""
        last, now = (entry.schedule.maybe_make_aware(at) for at in (entry.last_run_at, entry.default_now()))
        if from_ahead(last, now):
            return schedstate(is_due=True, next=0)
        due: schedstate = super().is_due(entry)
        return due
