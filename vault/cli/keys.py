"""`dossier keys`: the installation's keys in the roster; a director lists a new one."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from vault.cli.terminal.arguments import Parser
from vault.cli.terminal.output import Output
from vault.cli.terminal.signed_in import load
from vault.records.encoding import RecordError, format_instant
from vault.records.read import hexadecimal
from vault.records.types.roster import USES, RosterKey
from vault.sdk.device.clock import local_day
from vault.sdk.errors import UsageError
from vault.sdk.people.installation_keys import list_key

SIZE = 32


def add_arguments(parser: Parser) -> None:
    """[--use USE --key KEY]."""
    parser.add_argument("--use", choices=USES, help=parser.say("keys.use"))
    parser.add_argument("--key", metavar="KEY", help=parser.say("keys.key"))


def run(arguments: Namespace, output: Output) -> int:
    """Show the keys, and list a new one if it is given; 0."""
    if (arguments.use is None) != (arguments.key is None):
        raise UsageError(output.text("keys.both"), advice="dossier keys --use ledger --key …")
    key = None if arguments.key is None else _key(arguments.key, output)
    signed_in = load(output)
    if key is not None:
        if not output.confirm(output.text("keys.ask", use=arguments.use, key=key.hex())):
            output.say("keys.nothing")
            return 1
        list_key(signed_in, arguments.use, key)
    listed = signed_in.rosters.newest.installations
    output.result({"keys": [_as_json(each) for each in listed]}, "\n".join(_line(each, output) for each in listed))
    return 0


def _key(text: str, output: Output) -> bytes:
    try:
        return bytes.fromhex(hexadecimal({"key": text.strip().lower()}, "key", SIZE))
    except RecordError as error:
        raise UsageError(output.text("keys.no_key", text=text), advice=output.text("keys.read_it")) from error


def _as_json(entry: RosterKey) -> dict[str, Any]:
    until = None if entry.until is None else format_instant(entry.until)
    return {"key": entry.key.hex(), "uses": list(entry.uses), "since": format_instant(entry.since), "until": until}


def _line(entry: RosterKey, output: Output) -> str:
    uses, since = ", ".join(entry.uses), output.day(local_day(entry.since))
    if entry.until is None:
        return output.text("keys.living", key=entry.key.hex(), uses=uses, since=since)
    until = output.day(local_day(entry.until))
    return output.text("keys.ended", key=entry.key.hex(), uses=uses, since=since, until=until)
