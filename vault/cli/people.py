"""`dossier people`: who is in the practice, and who waits to be; a director's acts upon both."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from vault.cli.terminal import people_acts
from vault.cli.terminal.arguments import Parser
from vault.cli.terminal.failures import DONE, FAILED
from vault.cli.terminal.output import Output
from vault.cli.terminal.people_shown import invitation_json, line_of, member_json, waiting_line
from vault.cli.terminal.signed_in import load
from vault.sdk.dossiers.holders import check_director
from vault.sdk.errors import UsageError
from vault.sdk.people.confirming import Doubtful, NotForYouError, waiting
from vault.sdk.people.finding import members
from vault.sdk.people.session import SignedIn

_ACTS: dict[str, Callable[[SignedIn, argparse.Namespace, Output], int]] = {
    "confirm": people_acts.confirm_newcomer,
    "dismiss": people_acts.dismiss_member,
    "rename": people_acts.rename_member,
    "revoke": people_acts.revoke_invited,
    "role": people_acts.give_role,
}


def add_arguments(parser: Parser) -> None:
    """[confirm WHO | revoke WHO | rename WHO NAME | role WHO ROLE | dismiss WHO], with their options."""
    parser.add_argument("act", nargs="?", choices=sorted(_ACTS), help=parser.say("people.act"))
    parser.add_argument("who", nargs="?", metavar="WHO", help=parser.say("people.who"))
    parser.add_argument("value", nargs="?", metavar="NAME|ROLE", help=parser.say("people.value"))
    parser.add_argument("--words", metavar="WORDS", help=parser.say("people.words"))
    parser.add_argument("--sheet", metavar="FILE", type=Path, help=parser.say("people.sheet"))
    links = parser.add_mutually_exclusive_group()
    links.add_argument("--revoke-links", action="store_true", help=parser.say("people.revoke_links"))
    links.add_argument("--keep-links", action="store_true", help=parser.say("people.keep_links"))
    parser.add_argument("--leave-damaged", action="store_true", help=parser.say("common.leave_damaged"))


def run(arguments: argparse.Namespace, output: Output) -> int:
    """List, or act; 0 when it is done, 3 where some dossiers are left."""
    signed_in = load(output)
    if arguments.act is None:
        return _list(signed_in, output)
    check_director(signed_in)
    if arguments.who is None:
        raise UsageError(output.text("people.whom", act=arguments.act))
    return _ACTS[arguments.act](signed_in, arguments, output)


def _list(signed_in: SignedIn, output: Output) -> int:
    everybody = members(signed_in)
    found = waiting(signed_in) if signed_in.is_director else []
    lines = [line_of(each, signed_in, output) for each in everybody if each.entry.active]
    left = [each for each in everybody if not each.entry.active]
    if left:
        lines += [output.text("people.left"), *(line_of(each, signed_in, output) for each in left)]
    if found:
        lines += [output.text("people.waiting"), *(waiting_line(each, output) for each in found)]
    value = {
        "members": [member_json(each) for each in everybody],
        "invitations": [invitation_json(each) for each in found],
    }
    output.result(value, "\n".join(lines))
    doubtful = [each.reason for each in found if isinstance(each, Doubtful)]
    return DONE if all(isinstance(reason, NotForYouError) for reason in doubtful) else FAILED
