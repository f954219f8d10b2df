"""The queue on Redis, bounded; imported only where Redis is used, because its client imports `cryptography`.

The server must not import decrypting code (`tests/architecture`). With Redis the library is in the process for the
client's TLS; the import contracts still forbid our own modules to import it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kombu.transport import redis
from redis import exceptions

from workers.embedded_broker import MOST
from workers.outside_broker import LONGEST

REFUSALS = (
    exceptions.AuthenticationError,
    exceptions.AuthenticationWrongNumberOfArgsError,
    exceptions.NoPermissionError,
)
FAULT = exceptions.RedisError


class Channel(redis.Channel):
    """Redis lists are unbounded: so keep the newest `MOST` ticks, and let an unused list expire."""

    def _put(self, queue: str, message: Mapping[str, Any], **_: Any) -> None:
        super()._put(queue, message)
        key = self._q_for_pri(queue, self._get_message_priority(message, reverse=False))
        with self.conn_or_acquire() as client, client.pipeline() as pipe:
            # kombu adds the key prefix only for commands that it uses itself, and LTRIM is not among them.
            pipe.ltrim(f"{self.global_keyprefix}{key}", 0, MOST - 1)
            pipe.pexpire(key, int(LONGEST * 1000))
            pipe.execute()


class Transport(redis.Transport):
    """The Redis transport with that channel."""

    Channel = Channel
