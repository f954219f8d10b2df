"""`dossier ls`: a member's dossiers, or the contents of one."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from vault.cli.terminal.arguments import Parser
from vault.cli.terminal.contents import SHORT, show, unknown_kind, until
from vault.cli.terminal.failures import DONE, INTEGRITY, describe
from vault.cli.terminal.output import Output
from vault.cli.terminal.shown import shown
from vault.cli.terminal.sightings import contradicted
from vault.cli.terminal.signed_in import load
from vault.records.types.dossier import KINDS
from vault.sdk.documents.unshown import unshown
from vault.sdk.dossiers.finding import Doubt, ListedDossier, find, list_dossiers
from vault.sdk.errors import SeenError
from vault.sdk.people.session import SignedIn


def add_arguments(parser: Parser) -> None:
    """All dossiers, or one."""
    parser.add_argument("dossier", nargs="?", metavar="DOSSIER", help=parser.say("common.dossier"))


def run(arguments: Namespace, output: Output) -> int:
    """List; 0, or 7 when something was left out because it does not verify."""
    signed_in = load(output)
    if arguments.dossier is None:
        return _dossiers(signed_in, output)

    try:
        return INTEGRITY if show(find(signed_in, arguments.dossier, contents=True), output) else DONE
    except SeenError as error:
        for one in unshown(signed_in, error):
            output.say("ls.unshown", id=one.id[:SHORT], name=shown(one.path))
        raise


def _dossiers(signed_in: SignedIn, output: Output) -> int:
    doubts: list[Doubt] = []
    dossiers = list_dossiers(signed_in, doubts=doubts)
    value: dict[str, Any] = {"dossiers": [_dossier(one) for one in dossiers]}
    if doubts:
        value["doubtful"] = [{"id": doubt.dossier, "reason": doubt.reason} for doubt in doubts]
    if seen := contradicted(signed_in, output):
        value["contradicted"] = seen
    for doubt in doubts:
        _say(doubt, output)
    lines = [_line(one, output) for one in dossiers]
    output.result(value, "\n".join(lines) or output.text("ls.no_dossiers"))
    return INTEGRITY if doubts or seen else DONE


def _say(doubt: Doubt, output: Output) -> None:
    if doubt.seen is None:
        output.say("ls.doubt", id=doubt.dossier, reason=doubt.reason)
        return
    name = f"{shown(doubt.name)} ({doubt.dossier})" if doubt.name else doubt.dossier
    output.say("ls.put_back", dossier=name, reason=doubt.reason, advice=describe(doubt.seen, output)[2])


def _line(one: ListedDossier, output: Output) -> str:
    kind = unknown_kind(one.kind in KINDS, output)
    return f"{one.id[:SHORT]}  {shown(one.name)}{until(one.destroy_on, output, checked=one.checked)}{kind}"


def _dossier(dossier: ListedDossier) -> dict[str, Any]:
    day = None if dossier.destroy_on is None else dossier.destroy_on.isoformat()
    return {
        "id": dossier.id,
        "name": dossier.name,
        "kind": dossier.kind,
        "purpose": dossier.purpose,
        "destroy_on": day,
        "retention": {"destroy_on": day, "checked": dossier.checked},
    }
