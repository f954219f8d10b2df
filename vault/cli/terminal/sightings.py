"""What this device and other members have seen, and the server does not show: said by every verb, failed on by `ls`."""

from __future__ import annotations

from typing import Any

from vault.cli.terminal.failures import describe
from vault.cli.terminal.output import Output
from vault.cli.terminal.shown import shown
from vault.sdk.device.links import Claim
from vault.sdk.people.session import SignedIn


def say_known(signed_in: SignedIn, output: Output) -> None:
    """Say what stands already, before a verb begins."""
    for doubt in signed_in.doubts:
        output.say("common.doubted", reason=describe(doubt, output)[1])
    for claim in sorted(signed_in.pins.claims):
        _say(signed_in, claim, output)
    signed_in.said = signed_in.pins.claims


def contradicted(signed_in: SignedIn, output: Output) -> list[dict[str, Any]]:
    """Everything that was seen and is not shown, as `--json` has it; what the verb found itself is said now."""
    claims = signed_in.contradictions()
    for claim in claims:
        if claim not in signed_in.said:
            _say(signed_in, claim, output)
    own = [{"member": signed_in.member, "reason": str(doubt)} for doubt in signed_in.doubts]
    return own + [_json(claim) for claim in claims]


def _say(signed_in: SignedIn, claim: Claim, output: Output) -> None:
    what = output.text(f"common.chain_{claim.chain}", number=claim.number)
    name = signed_in.name_of(claim.member)
    who = f"{shown(name)} ({claim.member})" if name else claim.member
    output.say("common.contradicted", who=who, what=what, code=f"{claim.chain}:{claim.number}:{claim.hash}")


def _json(claim: Claim) -> dict[str, Any]:
    return {
        "member": claim.member,
        "chain": claim.chain,
        "number": claim.number,
        "hash": claim.hash,
        "record": claim.record,
    }
