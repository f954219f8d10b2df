"""The queue on Redis, bounded; loaded only where Redis is used, because its client loads `cryptography`.

The server is to do without what decrypts (`tests/architecture`). With Redis the library is in the process, for the
client's TLS; that none of ours imports it is held by the import contracts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kombu.transport import redis
from redis import exceptions

from workers.broker import MOST
from workers.outside import LONGEST

REFUSALS = (
    exceptions.AuthenticationError,
    exceptions.AuthenticationWrongNumberOfArgsError,
    exceptions.NoPermissionError,
)
FAULT = exceptions.RedisError


class Channel(redis.Channel):
    """Redis has no limit for a list: the newest `MOST` ticks are kept, and a list that nobody fills goes by itself."""

    def _put(self, queue: str, message: Mapping[str, Any], **_: Any) -> None:
        super()._put(queue, message)
        key = self._q_for_pri(queue, self._get_message_priority(message, reverse=False))
        with self.conn_or_acquire() as client, client.pipeline() as pipe:
            # kombu puts the prefix before the keys of the commands that it uses itself; LTRIM is none of them.
            pipe.ltrim(f"{self.global_keyprefix}{key}", 0, MOST - 1)
            pipe.pexpire(key, int(LONGEST * 1000))
            pipe.execute()


class Transport(redis.Transport):
    """The Redis transport with that channel."""

    Channel = Channel
