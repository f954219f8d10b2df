"""The Celery application: beat sends ticks, a worker runs them; a message carries no data."""

from __future__ import annotations

import logging
import os
import warnings
from datetime import timedelta
from typing import Any

from celery import Celery
from celery.exceptions import SecurityWarning
from celery.schedules import crontab
from celery.signals import beat_init, setup_logging, worker_init, worker_ready

from vault.logs import to_standard_error
from vault.settings import PART, Settings
from workers import alive, embedded_broker, outside_broker

TICK = timedelta(seconds=5)
# The supervisor logs this once itself.
warnings.filterwarnings("ignore", category=SecurityWarning)
_QUIET = ("celery.app.trace", "celery.apps.worker", "celery.beat", "celery.worker.strategy", "kombu")


def make_app(settings: Settings) -> Celery:
    """The application on its queue: JSON only, no results, no remote control, no events.

    A message is acknowledged at its receipt (`acks_late` off): the work is found in the tables, and the next tick
    repeats it.
    """
    app = Celery("dossier", include=["workers.tasks"])
    app.conf.update(
        **_queue(settings),
        broker_connection_retry_on_startup=True,
        task_default_queue=settings.broker_queue,
        task_default_exchange=settings.broker_queue,
        task_default_routing_key=settings.broker_queue,
        task_create_missing_queues=False,
        # Beat abandons an unsendable tick soon: the next one is due in seconds.
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
        worker_cancel_long_running_tasks_on_connection_loss=True,  # silences a warning; our tasks are short
        timezone="Europe/Amsterdam",
        enable_utc=True,
        beat_scheduler="workers.timetable:Timetable",
        beat_max_loop_interval=1,  # beat reacts to SIGTERM only between two loops
        beat_schedule=timetable(),
        beat_schedule_filename=str(settings.timetable_folder / "beat"),
    )
    return app


def _queue(settings: Settings) -> dict[str, Any]:
    if settings.broker_url is None:
        return embedded_broker.options(settings.broker_folder, settings.broker_queue)
    return outside_broker.options(settings.broker_url, settings.broker_queue)


def timetable() -> dict[str, dict[str, Any]]:
    """The schedule. A message expires when the next one is due, which makes up for a missed one."""
    return {
        "sweep": {"task": "sweep", "schedule": TICK, "options": {"expires": TICK.total_seconds() * 2}},
        "tidy": {"task": "tidy", "schedule": crontab(minute="10"), "options": {"expires": 3600}},
        "checkpoint": {"task": "checkpoint", "schedule": crontab(minute="40"), "options": {"expires": 3600}},
        "compare": {"task": "compare", "schedule": crontab(hour="2", minute="20"), "options": {"expires": 3600}},
        "turn": {"task": "turn", "schedule": crontab(hour="3", minute="20"), "options": {"expires": 3600}},
    }


@setup_logging.connect(weak=False)
def _log_as_json(**_: Any) -> None:
    """Log JSON lines to standard error, without Celery's own lines about every tick and its host's name."""
    to_standard_error(logging.getLogger(), os.environ.get(PART))
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("kombu.connection").setLevel(logging.ERROR)  # it warns that the embedded queue has no host


@worker_init.connect(weak=False)
@beat_init.connect(weak=False)
def _give_signs(**_: Any) -> None:
    alive.give_signs(os.environ)


@worker_ready.connect(weak=False)
def _say_ready(**_: Any) -> None:
    logging.getLogger("worker").info("ready")


app = make_app(Settings.from_environment(os.environ))
