"""How many connections one pool may have, and how long its users wait."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Patience:
    """The most connections of a pool to PostgreSQL; SQLite makes more, which cost a file each.

    `busy_seconds` are for a connection, and for a lock; `connect_seconds` for a server that does not answer; a
    statement is ended after `statement_seconds`, where the server still answers.
    """

    connections: int
    busy_seconds: float
    connect_seconds: int
    statement_seconds: int


WORKING = Patience(connections=16, busy_seconds=30, connect_seconds=10, statement_seconds=300)
# For looks at the store's health beside the work: four threads at most, and an answer that comes late is none.
WATCHING = Patience(connections=4, busy_seconds=2, connect_seconds=2, statement_seconds=3)
