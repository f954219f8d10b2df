"""The Celery application: beat ticks, a worker answers; a message says only that it is time to look."""

from __future__ import annotations

import logging
import os
import warnings
from datetime import timedelta
from typing import Any

from celery import Celery
from celery.exceptions import SecurityWarning
from celery.schedules import crontab
from celery.signals import setup_logging

from vault.logs import to_standard_error
from vault.settings import PART, Settings
from workers import broker, outside

TICK = timedelta(seconds=5)
# The supervisor says it once, in a line of its own.
warnings.filterwarnings("ignore", category=SecurityWarning)
_QUIET = ("celery.app.trace", "celery.beat", "celery.worker.strategy", "kombu")


def make_app(settings: Settings) -> Celery:
    """The application on its queue: JSON only, no results, no remote control, no events.

    A message is taken for done when it is taken: what it asks for stands in the tables, and the next one asks again.
    """
    app = Celery("dossier", include=["workers.tasks"])
    app.conf.update(
        **_queue(settings),
        broker_connection_retry_on_startup=True,
        task_default_queue=settings.broker_queue,
        task_default_exchange=settings.broker_queue,
        task_default_routing_key=settings.broker_queue,
        task_create_missing_queues=False,
        # Beat gives a tick up soon: the next one is due in seconds.
        task_publish_retry_policy={"max_retries": 3, "interval_start": 0, "interval_step": 0.5, "interval_max": 1},
        accept_content=["json"],
        task_serializer="json",
        result_backend=None,
        task_ignore_result=True,
        task_store_errors_even_if_ignored=False,
        task_acks_late=False,
        worker_prefetch_multiplier=1,
        worker_enable_remote_control=False,
        worker_send_task_events=False,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        worker_cancel_long_running_tasks_on_connection_loss=True,  # none is: it says so that nothing warns
        timezone="Europe/Amsterdam",
        enable_utc=True,
        beat_max_loop_interval=1,  # it hears SIGTERM only between two looks
        beat_schedule=timetable(),
        beat_schedule_filename=str(settings.timetable_folder / "beat"),
    )
    return app


def _queue(settings: Settings) -> dict[str, Any]:
    if settings.broker_url is None:
        return broker.options(settings.broker_folder, settings.broker_queue)
    return outside.options(settings.broker_url, settings.broker_queue)


def timetable() -> dict[str, dict[str, Any]]:
    """What is looked at when. A message expires when the next one is due: a missed tick is caught up by that one."""
    return {
        "sweep": {"task": "sweep", "schedule": TICK, "options": {"expires": TICK.total_seconds() * 2}},
        "tidy": {"task": "tidy", "schedule": crontab(minute="10"), "options": {"expires": 3600}},
        "checkpoint": {"task": "checkpoint", "schedule": crontab(minute="40"), "options": {"expires": 3600}},
        "compare": {"task": "compare", "schedule": crontab(hour="2", minute="20"), "options": {"expires": 3600}},
        "turn": {"task": "turn", "schedule": crontab(hour="3", minute="20"), "options": {"expires": 3600}},
    }


@setup_logging.connect(weak=False)
def _log_as_json(**_: Any) -> None:
    """One JSON object a line on standard error; Celery's own words about every tick are left out."""
    to_standard_error(logging.getLogger(), os.environ.get(PART))
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("kombu.connection").setLevel(logging.ERROR)  # of the embedded queue no host is named


app = make_app(Settings.from_environment(os.environ))
