"""The rows changed by a unit of work: the twin checks the promise of every unit.

If a unit of one dossier writes another's rows, a real engine fails only under load; here it fails at once, in every
test of a flow.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from tests.twins.rows import Tables
from vault.ports.store import Named

ANYBODYS = (
    "session",
    "throttle",
    "former",
    "clock_word",
    "heartbeat",
    "rowless",
    "installation",
    "told",
    "lease",
    "invitation",
)
GLOBAL = ("practice", "chain", "member", "recovery_code", "leaves", "orphan")
BY_VALUE = ("record", "index_link", "document", "share", "erasure")
BY_KEY = ("wrap", "staged", "listed", "audit")
BELOW = {
    "segment": "document",
    "entry": "share",
    "pickup": "share",
    "certificate_check": "erasure",
}  # the row named first in their key


def check_promise(before: Tables, after: Tables, of: str | Named) -> None:
    """Raise RuntimeError when anything but this dossier's rows (and sessions, throttles, beats) was changed."""
    for name, owner in _changes(before, after):
        if owner != of:
            what = f"names {of.name}" if isinstance(of, Named) else "names one dossier"
            raise RuntimeError(f"a unit of work that {what} has written {name} of {owner or 'all'}")


def _changes(before: Tables, after: Tables) -> Iterator[tuple[str, str | None]]:
    """Each changed table with the dossier of a changed row, None for a row without dossier."""
    for name in GLOBAL:
        if _global(before, name) != _global(after, name):
            yield name, None
    for key in _changed_keys(before.dossier, after.dossier):
        yield "dossier", key
    for name in BY_KEY:
        for key in _changed_keys(getattr(before, name), getattr(after, name)):
            yield name, key[0]
    for name in BY_VALUE:
        for row in _changed_rows(getattr(before, name), getattr(after, name)):
            yield name, row.dossier
    yield from _changes_below(before, after)


def _changes_below(before: Tables, after: Tables) -> Iterator[tuple[str, str | None]]:
    """Changed rows that name their dossier through a document, a share or an erasure, which may be removed in the same unit."""
    above: dict[str, dict[str, Any]] = {
        "document": {**before.document, **after.document},
        "share": {**before.share, **after.share},
        "erasure": {**before.erasure, **after.erasure},
    }
    for name, parent in BELOW.items():
        for key in _changed_keys(getattr(before, name), getattr(after, name)):
            yield name, above[parent][key[0]].dossier
    for line in _added(before.disclosure, after.disclosure):
        yield "disclosure", above["share"][line.share].dossier


def _global(tables: Tables, name: str) -> Any:
    """A table of no dossier; of members without the one-time steps that they spent, which any unit may write."""
    table = getattr(tables, name)
    return {key: replace(row, totp_step=0) for key, row in table.items()} if name == "member" else table


def _changed_keys(before: Mapping[Any, Any], after: Mapping[Any, Any]) -> list[Any]:
    if before == after:  # rows are immutable and shared between snapshots, so this compares identities
        return []
    return [key for key in {**before, **after} if before.get(key) != after.get(key)]


def _changed_rows(before: Mapping[Any, Any], after: Mapping[Any, Any]) -> Iterator[Any]:
    for key in _changed_keys(before, after):
        yield from (table[key] for table in (before, after) if key in table)


def _added(before: Sequence[Any], after: Sequence[Any]) -> Sequence[Any]:
    """The added disclosures: they are append-only."""
    if list(after[: len(before)]) != list(before):
        raise RuntimeError("a unit of work has changed a disclosure that stood")
    return after[len(before) :]
