"""The members' checks in a certificate's file: who verified it, and when (FORMAT.md, "Certificate file")."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from vault.errors import IntegrityError
from vault.records.encoding import RecordError, format_instant
from vault.records.envelope import Envelope
from vault.records.types.certificate import Certificate
from vault.records.types.tombstone import Tombstone
from vault.rules.certificate_checks import read_check
from vault.rules.rosters import Rosters
from vault.rules.terms import CLOCK_SLACK
from vault.sdk.checks import Findings

CHECKS = "checks"


@dataclass(frozen=True, slots=True)
class Checked:
    """A member whose device verified the certificate.

    `left`: the file's newest roster names her as one who left since. Her check counts still; whether she made it before
    only its own time says.
    """

    member: str
    at: datetime
    left: bool

    def to_json(self) -> dict[str, Any]:
        """The JSON form for `--json`."""
        return {"member": self.member, "at": format_instant(self.at), "left": self.left}


def find_checks(
    envelopes: Sequence[Envelope],
    signed: tuple[Certificate, Sequence[Tombstone]],
    chain: Rosters,
    now: datetime,
    findings: Findings,
) -> tuple[Checked, ...]:
    """The checks that count, one of each member; any other is a finding, since nobody's device keeps such a one."""
    findings.passed(CHECKS)
    found: dict[str, Checked] = {}
    for envelope in envelopes:
        try:
            check = read_check(envelope, *signed, chain)
        except (IntegrityError, RecordError) as error:
            findings.failed(CHECKS, "check_not_valid", member=envelope.signer, reason=str(error))
            continue
        if check.signer in found:
            findings.failed(CHECKS, "checked_twice", member=check.signer)
        elif check.at > now + CLOCK_SLACK:
            findings.failed(CHECKS, "check_of_the_future", member=check.signer)
        else:
            found[check.signer] = Checked(check.signer, check.at, check.signer not in chain.newest.active)
    return tuple(found[member] for member in sorted(found))
