"""What the worker does at a tick. Every task may come twice, late or never: the next one finds what is left.

A task raises nothing for a store that is away just now: it says so in the log and leaves the work to the next tick.
"""

from __future__ import annotations

import logging
import os
from functools import cache

from celery import shared_task

from vault.errors import UnavailableError
from vault.flows import retention
from vault.flows.context import Ports
from vault.settings import Settings
from vault.wiring import build, remove_leftovers

logger = logging.getLogger("worker")


@cache
def _settings() -> Settings:
    return Settings.from_environment(os.environ)


@cache
def _ports() -> Ports:
    return build(_settings())


@shared_task(name="sweep")
def sweep() -> None:
    """Remove what was abandoned, end what is over."""
    now = _settings().clock.now()
    try:
        done = retention.reconcile(_ports(), now)
    except UnavailableError:
        logger.warning("sweep put off to the next tick", exc_info=True)
    else:
        if done.documents or done.sessions:
            logger.info("swept", extra={"fields": {"documents": done.documents, "sessions": done.sessions}})


@shared_task(name="tidy")
def tidy() -> None:
    """Remove the half-written files of gateways that were killed."""
    try:
        remove_leftovers(_settings())
    except UnavailableError:
        logger.warning("tidying put off to the next hour", exc_info=True)


@shared_task(name="turn")
def turn() -> None:
    """Seal every key under a new generation, so that what was shredded stays shut for old copies too."""
    try:
        generation = _ports().keystore.turn()
    except UnavailableError:
        logger.warning("turn put off to the next night", exc_info=True)
    else:
        logger.info("keystore turned", extra={"fields": {"generation": generation}})
