"""`dossier logout`: wipe the keys from this device, then end the session at the server."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import Namespace

    from vault.cli.arguments import Parser
    from vault.cli.output import Output


def add_arguments(parser: Parser) -> None:
    """Nothing to choose."""
    del parser


def run(arguments: Namespace, output: Output) -> int:
    """Sign out; 0 when this device holds no session, also when the server could not be told."""
    from vault.sdk.device.home import Home  # noqa: PLC0415
    from vault.sdk.errors import ServerUnreachableError  # noqa: PLC0415 - `--help` does without
    from vault.sdk.people.session import logout  # noqa: PLC0415

    del arguments
    told = True
    try:
        logout(Home.from_environment())
    except ServerUnreachableError:
        told = False
        output.say("logout.untold")
    output.result({"signed_out": True, "server_told": told}, output.text("logout.done"))
    return 0
