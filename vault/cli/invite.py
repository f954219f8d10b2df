"""`dossier invite`: a link by which one person joins the practice."""

from __future__ import annotations

import argparse

from vault.cli.terminal.arguments import Parser
from vault.cli.terminal.output import Output
from vault.cli.terminal.qr import lines as drawn
from vault.cli.terminal.shown import shown
from vault.cli.terminal.signed_in import load
from vault.records.encoding import format_instant
from vault.records.types.roster import ROLES
from vault.sdk.dossiers.holders import check_director
from vault.sdk.people.finding import find_member
from vault.sdk.people.inviting import invite


def add_arguments(parser: Parser) -> None:
    """--role coach|director --email E [--instead-of WHO]."""
    parser.add_argument("--role", required=True, choices=sorted(ROLES), help=parser.say("invite.role"))
    parser.add_argument("--email", required=True, metavar="E", help=parser.say("invite.email"))
    parser.add_argument("--instead-of", metavar="WHO", help=parser.say("invite.instead_of"))


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Invite; the link is shown once."""
    signed_in = load(output)
    check_director(signed_in)
    instead = None if arguments.instead_of is None else find_member(signed_in, arguments.instead_of)
    made = invite(signed_in, arguments.email, arguments.role, replaces=None if instead is None else instead.id)
    link = made.link.to_string()
    output.result(
        {"invitation": made.id, "link": link, "expires_at": format_instant(made.expires_at)},
        output.text("invite.done", email=shown(arguments.email), link=link, until=output.instant(made.expires_at)),
    )
    if output.draws and not output.json:
        output.drawing(drawn(link))
    if instead is not None:
        output.say("invite.instead", who=shown(instead.called))
    return 0
