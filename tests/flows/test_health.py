"""What readiness says of the backups: when the last one was made, and that one is due; it makes nobody unready."""

from __future__ import annotations

from datetime import timedelta

from tests.actors import NOW, Practice, memory_ports
from vault.flows.health import BACKUP, Check, work
from vault.settings import Settings

EVERY = Settings.from_environment({}).backup_every


def said(practice_ports, now) -> Check:
    return next(each for each in work(practice_ports, now, every=EVERY) if each.name == BACKUP)


def test_before_the_set_up_nothing_is_said_of_backups():
    assert said(memory_ports(), NOW) == Check(BACKUP, ok=True)


def test_a_vault_without_a_backup_is_ready_and_says_so():
    assert said(Practice().set_up().ports, NOW).advice.startswith("No backup was made yet")


def test_the_last_backup_is_named_until_another_is_due_and_one_from_ahead_counts_for_nothing():
    ports = Practice().set_up().ports
    with ports.store.transaction() as tx:
        tx.beat(BACKUP, NOW)
    assert said(ports, NOW + EVERY).advice == f"A backup was last made and read back at {NOW:%Y-%m-%d %H:%M} UTC."
    assert said(ports, NOW + EVERY + timedelta(seconds=1)).advice.startswith(f"No backup was made since {NOW:%Y-%m-%d}")
    assert said(ports, NOW - timedelta(days=1)).advice.startswith("No backup was made yet")
