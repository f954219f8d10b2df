"""The policy: the practice's name and address, the terms of retention, and the limits of a share."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated

from vault.records.encoding import RecordError
from vault.records.fields import At, Hash, Instant, Ordinal, integers_of, text, whole
from vault.records.seen import MemberRecord
from vault.records.standing import StandsOn

DEFAULT_MONTHS = {"client": 60, "commissioner": 60}
MAX_MONTHS = 60
MAX_DAYS = 90
ANNOUNCE_DAYS = 30
MAX_PUBLIC_URL = 300
# Scheme, host, port, folders: no user, query or fragment, which would make a link that leads elsewhere.
# Every link that begins with it must be one that a reader takes: `vault.sdk.shares.links` has the same host and port.
_PUBLIC_URL = re.compile(
    r"https?://(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::(?P<port>[0-9]{1,5}))?(?:/[A-Za-z0-9._~-]+)*\Z"
)
_MAX_PORT = 65_535


@dataclass(frozen=True, slots=True)
class Policy(MemberRecord):
    """One version of the policy; `months` is the term of retention by kind of dossier, 60 at most (R6).

    Links begin with `public_url`: who runs the server does not decide where they lead. Destruction at the end of a
    term is announced `announce_days` ahead.
    """

    standing: StandsOn
    version: Ordinal
    previous: Hash | None
    name: Annotated[str, text(200)]
    months: Annotated[dict[str, int], integers_of(tuple(DEFAULT_MONTHS), 1, MAX_MONTHS), At("retention")]
    share_days: Annotated[int, whole(1, MAX_DAYS), At("limits.share_days")]
    share_max: Annotated[int, whole(1, 10_000), At("limits.share_max")]
    public_url: Annotated[str, text(MAX_PUBLIC_URL)]
    announce_days: Annotated[int, whole(0, MAX_DAYS)]
    at: Instant

    def check(self) -> None:
        """Raise RecordError for an address that no link can begin with."""
        check_public_url(self.public_url)


def check_public_url(url: str) -> str:
    """The address, when links can begin with it; raises RecordError."""
    found = _PUBLIC_URL.match(url) if len(url) <= MAX_PUBLIC_URL else None
    if found is None or not 0 < int(found["port"] or 1) <= _MAX_PORT:
        raise RecordError("field 'public_url' must be http:// or https://, a host, and folders without a slash behind")
    return url
