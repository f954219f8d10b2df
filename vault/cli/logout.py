"""`dossier logout`: wipe the keys from this device, then end the session at the server."""

from __future__ import annotations

from argparse import Namespace

from vault.cli.terminal.arguments import Parser
from vault.cli.terminal.output import Output
from vault.sdk.device.home import Home
from vault.sdk.errors import ServerUnreachableError
from vault.sdk.people.session import logout


def add_arguments(parser: Parser) -> None:
    """No arguments."""
    del parser


def run(arguments: Namespace, output: Output) -> int:
    """Sign out; 0 when this device has no session, even if the server was unreachable."""
    del arguments
    told = True
    try:
        logout(Home.from_environment())
    except ServerUnreachableError:
        told = False
        output.say("logout.untold")
    output.result({"signed_out": True, "server_told": told}, output.text("logout.done"))
    return 0
