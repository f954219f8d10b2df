"""`dossier join`: make keys on this device, and ask to join a practice by the link of an invitation."""

from __future__ import annotations

import argparse
import sys

from vault.cli.terminal import credentials
from vault.cli.terminal.arguments import Parser
from vault.cli.terminal.output import Output
from vault.cli.terminal.shown import shown
from vault.cli.terminal.totp_secret import made_secret, secret_there
from vault.sdk.device.home import Home
from vault.sdk.errors import OtherMemberError
from vault.sdk.keys.password_strength import check_new_password
from vault.sdk.keys.words import fingerprint
from vault.sdk.people.invitation_links import parse_invitation
from vault.sdk.people.joining import JOIN_FILE, join, look, waits
from vault.sdk.people.session import load_member
from vault.sdk.server.api import Api

MAX_LINK = 20_000


def add_arguments(parser: Parser) -> None:
    """LINK, or `-` for standard input; --name and --email, else asked."""
    parser.add_argument("link", metavar="LINK", help=parser.say("join.link"))
    parser.add_argument("--name", metavar="N", help=parser.say("join.name"))
    parser.add_argument("--email", metavar="E", help=parser.say("join.email"))


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Join; 0 once a director can confirm it. Nothing works here before she has."""
    home = Home.from_environment()
    link = parse_invitation(sys.stdin.read(MAX_LINK) if arguments.link == "-" else arguments.link)
    waiting = waits(home)
    if waiting is not None and waiting.invitation == link.id:
        output.say("join.waits", practice=shown(waiting.practice), words=waiting.words)
        return 0
    if waiting is None and load_member(home) is not None:
        raise OtherMemberError(
            f"this DOSSIER_HOME belongs to a member already: {home.path}",
            advice="Sign in with: dossier login. For another person set DOSSIER_HOME to another folder.",
        )
    api = Api(link.base)
    practice = look(api, link)
    output.say("join.invites", practice=shown(practice.name), words=fingerprint(practice.rosters.newest.root))
    name, email = arguments.name or output.ask("join.ask_name"), arguments.email or output.ask("join.ask_email")
    secret = secret_there(home, output, practice=practice.name, pending=home.read(JOIN_FILE) is not None)
    password = credentials.new_password(output)
    check_new_password(password)
    if secret is None:
        secret = made_secret(home, output, account=email, practice=practice.name)
    joined = join(api, home, link, practice, name, email, password, secret)
    output.result(
        {"member": joined.member, "practice": joined.practice, "words": joined.words},
        output.text("join.done", practice=shown(joined.practice), words=joined.words),
    )
    return 0
