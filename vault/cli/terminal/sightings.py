"""What this device and other members have seen, and the server does not show: said by every verb, failed on by `ls`."""

from __future__ import annotations

from typing import Any

from vault.cli.terminal.failures import describe
from vault.cli.terminal.output import Output
from vault.cli.terminal.shown import shown
from vault.records.types.repair import Aside
from vault.sdk.device.sightings import Claim
from vault.sdk.dossiers.living import living
from vault.sdk.people.session import SignedIn


def say_known(signed_in: SignedIn, output: Output) -> None:
    """Say what stands already, before a verb begins; and the repairs that are new to this device."""
    for repair in signed_in.new_repairs:
        output.say(
            "common.repaired",
            who=_who(signed_in, repair.signer),
            at=output.instant(repair.at),
            count=len(repair.asides),
            reason=repair.reason,
        )
    for doubt in signed_in.doubts:
        _, message, advice = describe(doubt, output)
        output.say("common.doubted", reason=message, advice=advice)
    for claim in sorted(signed_in.pins.claims):
        _say(signed_in, claim, output)
    signed_in.said = signed_in.pins.claims
    say_living(signed_in, output)


def say_living(signed_in: SignedIn, output: Output) -> None:
    """Say which dossiers are called destroyed, and are not."""
    for one in living(signed_in):
        output.say("common.living", name=shown(one.name), dossier=one.id)


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
    who = _who(signed_in, claim.member)
    output.say("common.contradicted", who=who, what=what, code=Aside(claim.chain, claim.number, claim.hash).code)


def _who(signed_in: SignedIn, member: str) -> str:
    name = signed_in.name_of(member)
    return f"{shown(name)} ({member})" if name else member


def _json(claim: Claim) -> dict[str, Any]:
    return {
        "member": claim.member,
        "chain": claim.chain,
        "number": claim.number,
        "hash": claim.hash,
        "record": claim.record,
    }
