"""A queue on RabbitMQ or Redis: bounded like the embedded one; a lost connection is noticed and retried for ever."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import amqp  # type: ignore[import-untyped]
from kombu.connection import Connection
from kombu.entity import Exchange, Queue
from kombu.exceptions import KombuError

from vault.errors import ConfigurationError, UnavailableError
from vault.secret import SecretText
from workers.embedded_broker import MOST

LONGEST = 3600.0
_CONNECT_SECONDS = 5.0
_HEARTBEAT_SECONDS = 30
# A dead broker is noticed after half a minute, also on an idle connection.
_KEEPALIVE = {socket.TCP_KEEPIDLE: 15, socket.TCP_KEEPINTVL: 5, socket.TCP_KEEPCNT: 3}


def queue(name: str) -> Queue:
    """A durable queue of at most `MOST` ticks (oldest dropped), none older than an hour; Redis ignores the limits."""
    return Queue(name, Exchange(name, type="direct"), routing_key=name, max_length=MOST, message_ttl=LONGEST)


def options(url: SecretText, name: str) -> dict[str, Any]:
    """Celery's settings for that broker; TLS is verified against the machine's authorities (or SSL_CERT_FILE)."""
    common = {
        "broker_url": url.reveal(),
        "broker_connection_timeout": _CONNECT_SECONDS,
        "broker_connection_max_retries": None,
        "broker_channel_error_retry": True,
        "task_queues": [queue(name)],
    }
    secured = urlsplit(url).scheme in {"amqps", "rediss"}
    if urlsplit(url).scheme.startswith("amqp"):
        return common | {
            "broker_heartbeat": _HEARTBEAT_SECONDS,
            "broker_transport_options": {"write_timeout": 15.0, "socket_settings": _KEEPALIVE},
            "broker_use_ssl": {"cert_reqs": ssl.CERT_REQUIRED, "server_hostname": None} if secured else False,
        }
    return common | {
        "broker_transport": "workers.redis_queue:Transport",
        "broker_transport_options": {
            "global_keyprefix": f"{name}:",
            "socket_connect_timeout": _CONNECT_SECONDS,
            "socket_timeout": 15.0,
            "socket_keepalive": True,
            "socket_keepalive_options": _KEEPALIVE,
            "health_check_interval": 10,
        },
        "broker_use_ssl": {"ssl_cert_reqs": ssl.CERT_REQUIRED} if secured else False,
    }


def reach(url: SecretText, name: str) -> None:
    """Declare the queue as every worker will; raises UnavailableError, or ConfigurationError for a permanent fault.

    The error does not quote the broker's answer: only its kind, and where to look.
    """
    chosen = options(url, name)
    with (
        _told(url, name),
        Connection(
            chosen["broker_url"],
            transport=chosen.get("broker_transport"),
            ssl=chosen["broker_use_ssl"],
            connect_timeout=_CONNECT_SECONDS,
            transport_options=chosen["broker_transport_options"],
        ) as connection,
    ):
        connection.connect()
        with connection.channel() as channel:
            queue(name)(channel).declare()


@contextmanager
def _told(url: SecretText, name: str) -> Iterator[None]:
    parts = urlsplit(url)
    place = f"the broker at {parts.scheme}://{parts.hostname}" + (f":{parts.port}" if parts.port else "")
    refusals, faults = _errors(url)
    try:
        yield
    except refusals:
        raise ConfigurationError(
            f"{place} refuses the user, the password or the virtual host",
            advice="See DOSSIER_BROKER_URL, and what that user may do there: configure, write and read one queue.",
        ) from None
    except amqp.PreconditionFailed:
        raise ConfigurationError(
            f"{place} has a queue {name} of another make",
            advice="It holds nothing that is needed: delete it there, or choose another name by DOSSIER_BROKER_QUEUE.",
        ) from None
    except faults as error:
        if _distrusts(error):
            raise ConfigurationError(
                f"{place} has a certificate that this machine does not trust",
                advice="Name your own authority by SSL_CERT_FILE, and call the broker as its certificate does.",
            ) from None
        raise UnavailableError(
            f"{place} does not answer as it should ({type(error).__name__})",
            advice="Nothing was lost. See whether the broker runs and whether this machine reaches it, then try again.",
        ) from None


def _errors(url: SecretText) -> tuple[tuple[type[Exception], ...], tuple[type[Exception], ...]]:
    """The exceptions that mean wrong credentials, and all other exceptions of a connection."""
    if urlsplit(url).scheme.startswith("amqp"):
        return (amqp.AccessRefused, amqp.NotAllowed), (OSError, KombuError, amqp.AMQPError)
    from workers.redis_queue import FAULT, REFUSALS  # noqa: PLC0415 - see there

    return REFUSALS, (OSError, KombuError, amqp.AMQPError, FAULT)


def _distrusts(error: BaseException | None) -> bool:
    """Whether the cause is a certificate; redis wraps that error in its own."""
    while error is not None and not isinstance(error, ssl.SSLCertVerificationError):
        error = error.__cause__ or error.__context__
    return error is not None
