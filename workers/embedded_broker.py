"""The embedded queue: kombu's filesystem transport, made safe for concurrent readers and for a killed one."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kombu.connection import Connection
from kombu.entity import Exchange, Queue
from kombu.exceptions import ChannelError
from kombu.transport import filesystem
from kombu.utils.json import dumps

MOST = 200


class Channel(filesystem.Channel):
    """Messages appear atomically, and at most `MOST` of them are queued.

    Dropping a tick beyond two hundred loses nothing, because the work is found in the tables. Without a bound, half a
    million files would pile up behind a worker that hangs for a month.
    """

    # kombu has two signatures of `_put`, with different parameter names
    def _put(self, queue: str, payload: Mapping[str, Any], **_: Any) -> None:  # type: ignore[override]
        if self._size(queue) >= MOST:
            return
        folder = Path(self.data_folder_out)
        name = f"{time.monotonic_ns() // 1_000_000}_{secrets.token_hex(16)}.{queue}.msg"
        draft = folder / f".{name}.draft"
        try:
            draft.write_text(dumps(payload), encoding="utf-8")
            draft.rename(folder / name)
        except OSError as error:
            draft.unlink(missing_ok=True)
            raise ChannelError(f"the message cannot be written: {os.strerror(error.errno or 0)}") from error


class Transport(filesystem.Transport):
    """The filesystem transport with that channel."""

    Channel = Channel


def options(root: Path, name: str) -> dict[str, Any]:
    """Celery's settings for it."""
    places = folders(root)
    return {
        "broker_url": "filesystem://",
        "broker_transport": "workers.embedded_broker:Transport",
        "broker_transport_options": {
            "data_folder_in": str(places["messages"]),
            "data_folder_out": str(places["messages"]),
            "control_folder": str(places["exchanges"]),
            "store_processed": False,
            "polling_interval": 0.5,
        },
        "task_queues": [Queue(name, Exchange(name, type="direct"), routing_key=name)],
    }


def folders(root: Path) -> dict[str, Path]:
    """The folders of the queue: messages, exchange tables, messages being read, beat's schedule."""
    return {name: root / name for name in ("messages", "exchanges", "reading", "timetable")}


def lay_out_reading(root: Path, reader: str) -> Path:
    """Make one reader's own folder for the message it reads, emptied of a killed reader's tick."""
    folder = folders(root)["reading"] / reader
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    clear(folder)
    return folder


def lay_out(root: Path, name: str = "dossier") -> None:
    """Make the folders (0700), and clear the ticks of an earlier run.

    The queue is declared here, once: else kombu's children race to write its table, and read half of it.
    """
    for part, folder in folders(root).items():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if part != "timetable":
            clear(folder)
    chosen = options(root, name)
    with Connection(
        chosen["broker_url"],
        transport=chosen["broker_transport"],
        transport_options=chosen["broker_transport_options"],
    ) as connection:
        for queue in chosen["task_queues"]:
            queue(connection.default_channel).declare()


def clear(folder: Path) -> None:
    """Remove the files in it."""
    for path in folder.iterdir():
        if path.is_file() and not path.is_symlink():
            path.unlink(missing_ok=True)
