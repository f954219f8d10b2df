"""`dossier revoke`: end a link at once, also for a pick-up under way."""

from __future__ import annotations

import argparse

from vault.cli.terminal.arguments import Parser
from vault.cli.terminal.output import Output
from vault.cli.terminal.signed_in import load
from vault.sdk.shares.sharing import revoke, share_reference


def add_arguments(parser: Parser) -> None:
    """SHARE."""
    parser.add_argument("share", metavar="SHARE", help=parser.say("revoke.share"))


def run(arguments: argparse.Namespace, output: Output) -> int:
    """End the share; idempotent."""
    share = share_reference(arguments.share)
    listed = revoke(load(output), share)
    output.result({"share": share, "state": "revoked"}, output.text("revoke.done", share=share))
    if not listed:
        output.say("revoke.index_later")
    return 0
