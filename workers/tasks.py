"""The worker's tasks. Each may run twice, late or never: the next run finds the remaining work.

A task logs an unavailable store or a lost race instead of raising, and leaves the work to the next tick. The flows
bound the work of one tick.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from celery import shared_task

from vault.errors import UnavailableError, VaultError
from vault.flows.audit import auditing
from vault.flows.clock.trusting import believed, doubtful
from vault.flows.context import Ports
from vault.flows.erasures import retention
from vault.flows.positions import escrowing
from vault.flows.positions.copies import keep_copies
from vault.flows.positions.keeping import shut
from vault.flows.positions.mending import mend_chains
from vault.ports.errors import ConflictError
from vault.settings import Role, Settings
from vault.wiring import build, remove_leftovers
from workers import nightly

logger = logging.getLogger("worker")


@cache
def _settings() -> Settings:
    return Settings.from_environment(os.environ)


@cache
def _ports() -> Ports:
    return build(_settings(), Role.WORKER)


def _stands_still() -> bool:
    """Whether nothing may be done: the stores do not belong together, or the clock is in doubt.

    Every task goes by the clock. What it removes is too old, what it signs says when, and a certificate its horizon.
    """
    mend_chains(_ports())
    clock = _settings().clock
    now, offset = clock.now(), clock.offset
    return bool(shut(_ports(), now, believed=believed(_ports(), now, offset)) or doubtful(_ports(), now, offset))


@contextmanager
def _or_put_off(message: str) -> Iterator[None]:
    try:
        yield
    except (UnavailableError, ConflictError):
        logger.warning(message, exc_info=True)


@shared_task(name="sweep")
def sweep() -> None:
    """Remove abandoned deposits and expired sessions, erase what is due or requested; then run late nightly tasks."""
    with _or_put_off("sweep put off to the next tick"):
        if _stands_still():
            return
        _renew_escrow()
        done = retention.sweep(_ports(), _settings().clock.now())
        if done.begun or done.certified:
            logger.info("erased", extra={"fields": {"begun": done.begun, "certified": done.certified}})
        if done.refused:
            logger.error("erasures that nothing signed permits", extra={"fields": {"dossiers": list(done.refused)}})
        if done.unlisted:
            keys = {use: _ports().installation.public[use].hex() for use in done.unlisted}
            logger.error("the roster does not list these keys; nothing is signed with them", extra={"fields": keys})
        keep_copies(_ports())
        for late in nightly.claim(_ports(), _settings().clock.now()):
            {"compare": compare, "turn": turn}[late]()


def _renew_escrow() -> None:
    """What keeps the escrow from being renewed keeps nothing else waiting; after a day `/readyz` turns red."""
    try:
        escrowing.renew(_ports(), _settings().clock.now())
    except VaultError:
        logger.exception("the keystore's keys could not be sealed to the directors")


@shared_task(name="checkpoint")
def checkpoint() -> None:
    """Sign the heads of all audit chains, so that a truncated or rewritten chain is detected."""
    with _or_put_off("checkpoint put off to the next hour"):
        if _stands_still():
            return
        made = auditing.checkpoint(_ports(), _settings().clock.now())
        if made is not None:
            logger.info("checkpoint signed", extra={"fields": {"sequence": made.sequence, "chains": made.chains}})


@shared_task(name="compare")
def compare() -> None:
    """Compare rows with objects both ways; a missing object only raises an alarm."""
    with _or_put_off("comparison put off to the next night"):
        if _stands_still():
            return
        found = retention.compare(_ports(), _settings().clock.now())
        if found is None:
            return
        fields = {"orphans": found.orphans, "removed": found.removed, "missing": found.missing}
        if found.missing:
            logger.error("objects of stored documents are missing", extra={"fields": fields})
        else:
            logger.info("rows and objects compared", extra={"fields": fields})


@shared_task(name="tidy")
def tidy() -> None:
    """Remove the half-written files of gateways that were killed."""
    with _or_put_off("tidying put off to the next hour"):
        if _stands_still():
            return
        remove_leftovers(_settings())


@shared_task(name="turn")
def turn() -> None:
    """Seal every key under a new generation, so that old copies of the keystore cannot open shredded subjects."""
    with _or_put_off("turn put off to the next night"):
        if _stands_still():
            return
        _renew_escrow()
        generation = _ports().keystore.turn()
        with _ports().store.transaction() as tx:
            tx.beat(nightly.TURNED, _settings().clock.now())
        logger.info("keystore turned", extra={"fields": {"generation": generation}})
