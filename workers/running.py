"""Celery's worker and beat, run in this process."""

from __future__ import annotations

from celery.apps.beat import Beat

from vault import start
from workers.app import app


def worker() -> int:
    """Run ticks one by one, in this process alone: it leaves no children behind. Returns its exit code."""
    one = app.Worker(pool_cls="solo", quiet=True, without_gossip=True, without_mingle=True, without_heartbeat=True)
    start.done()
    one.start()
    return int(one.exitcode or 0)


def beat() -> int:
    """Send ticks."""
    _Beat(app=app, quiet=True).run()
    return 0


class _Beat(Beat):  # type: ignore[misc]
    """Celery's own; it sends tasks by their names, and imports nothing of what they do."""

    def init_loader(self) -> None:
        """Make the application ready to send."""
        self.app.finalize()
        start.done()
