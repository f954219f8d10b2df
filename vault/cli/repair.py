"""`dossier repair`: a director gives up what devices have seen and the server lost, and lets a restored vault go on."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from vault.cli.terminal.arguments import Parser
from vault.cli.terminal.failures import DONE, FAILED
from vault.cli.terminal.output import Output
from vault.cli.terminal.signed_in import load
from vault.records.encoding import format_instant
from vault.records.types.repair import Aside, Repair
from vault.sdk.dossiers.repairing import read_code, repair, survey
from vault.sdk.people.restorations import PutBackStores, put_back_stores, restore
from vault.sdk.people.server_clock import DoubtedClock, agree, doubted_clock
from vault.sdk.people.session import SignedIn


def add_arguments(parser: Parser) -> None:
    """[CODE …] [--reason TEXT]."""
    parser.add_argument("codes", metavar="CODE", nargs="*", help=parser.say("repair.codes"))
    parser.add_argument("--reason", help=parser.say("repair.reason_help"))


def run(arguments: Namespace, output: Output) -> int:
    """Show what would be given up, ask, and sign it; without anything to give up list the repairs that were made.

    A clock in doubt comes first: what is signed says when.
    """
    signed_in, named = load(output), [read_code(code) for code in arguments.codes]
    value, said = {}, []
    if clock := doubted_clock(signed_in):
        if not _agrees_on_clock(output, clock):
            output.say("repair.clock_waits")
            return FAILED
        agree(signed_in)
        value["clock"] = {"says": format_instant(clock.says), "believed": format_instant(clock.believed)}
        said.append(output.text("repair.clock_agreed"))
    asides = list(dict.fromkeys([*survey(signed_in), *named]))
    back = put_back_stores(signed_in)
    if not asides and not back.stores and not clock:
        return _list(signed_in, output)
    if asides or back.stores:
        _show(output, asides, back)
        if signed_in.is_director and not _agrees(output, len(asides), back):
            output.say("repair.declined")
            return FAILED
        reason = arguments.reason or (output.ask("repair.reason") if signed_in.is_director else "-")
        _sign(signed_in, output, asides, back, reason, value, said)
    output.result(value, "\n".join(said))
    return DONE


def _sign(
    signed_in: SignedIn,
    output: Output,
    asides: list[Aside],
    back: PutBackStores,
    reason: str,
    value: dict[str, Any],
    said: list[str],
) -> None:
    if asides:
        value["repair"] = _json(repair(signed_in, asides, reason))
        said.append(output.text("repair.done", count=len(asides)))
    if back.stores:
        made = restore(signed_in, back.stores, reason)
        stores = [{"store": each.store, "has": each.has, "seen": each.seen} for each in made.stores]
        value["restoration"] = {"hash": made.hash, "reason": made.reason, "stores": stores}
        said.append(output.text("repair.goes_on"))


def _agrees_on_clock(output: Output, clock: DoubtedClock) -> bool:
    """The person is asked too: two clocks may be wrong in the same way, and she knows the day."""
    here = output.instant(clock.here)
    output.say("repair.clock", says=output.instant(clock.says), believed=output.instant(clock.believed), here=here)
    return output.confirm(output.text("repair.confirm_clock", here=here))


def _show(output: Output, asides: list[Aside], back: PutBackStores) -> None:
    for store in back.stores:
        output.say(f"repair.store_{store.store}")
    if back.kept:
        output.say("repair.kept", count=len(back.kept))
    for aside in asides:
        output.say(f"repair.{aside.chain}", number=aside.number, subject=aside.subject or "")
        output.line(f"    {aside.code}")


def _agrees(output: Output, asides: int, back: PutBackStores) -> bool:
    """Each is a question of its own: who sets aside what was seen may still wait for a newer copy of a store."""
    if asides:
        output.say("repair.gives_up")
        if not output.confirm(output.text("repair.confirm", count=asides)):
            return False
    return not back.stores or output.confirm(output.text("repair.confirm_stores"))


def _list(signed_in: SignedIn, output: Output) -> int:
    lines = [
        output.text("repair.made", at=output.instant(each.at), count=len(each.asides), reason=each.reason)
        for each in signed_in.repairs
    ]
    value = {"repairs": [_json(each) for each in signed_in.repairs]}
    output.result(value, "\n".join([output.text("repair.nothing"), *lines]))
    return DONE


def _json(made: Repair) -> dict[str, Any]:
    codes = [each.code for each in made.asides]
    return {"hash": made.hash, "signer": made.signer, "reason": made.reason, "sets_aside": codes}
