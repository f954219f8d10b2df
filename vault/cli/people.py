"""`dossier people`: who is in the practice, and who waits to be; a director's acts upon both."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import datetime
from typing import Any

from vault.cli.terminal.arguments import Parser
from vault.cli.terminal.failures import DONE, FAILED
from vault.cli.terminal.output import Output
from vault.cli.terminal.shown import shown
from vault.cli.terminal.signed_in import load
from vault.records.encoding import fold_address, format_instant
from vault.sdk.dossiers.holders import check_director
from vault.sdk.errors import MissingInputError, NotFoundError, UsageError
from vault.sdk.people.appointing import rename
from vault.sdk.people.confirming import Doubtful, Waiting, confirm, waiting
from vault.sdk.people.finding import Known, find_member, members
from vault.sdk.people.inviting import revoke_invitation
from vault.sdk.people.session import SignedIn

_SHORTEST_PREFIX = 4


def add_arguments(parser: Parser) -> None:
    """[confirm WHO [--words W] | revoke WHO | rename WHO NAME]."""
    parser.add_argument("act", nargs="?", choices=sorted(_ACTS), help=parser.say("people.act"))
    parser.add_argument("who", nargs="?", metavar="WHO", help=parser.say("people.who"))
    parser.add_argument("value", nargs="?", metavar="NAME", help=parser.say("people.value"))
    parser.add_argument("--words", metavar="WORDS", help=parser.say("people.words"))


def run(arguments: argparse.Namespace, output: Output) -> int:
    """List, or act; 0 when it is done."""
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
    lines = [_line(each, signed_in, output) for each in everybody if each.entry.active]
    left = [each for each in everybody if not each.entry.active]
    if left:
        lines += [output.text("people.left"), *(_line(each, signed_in, output) for each in left)]
    if found:
        lines += [output.text("people.waiting"), *(_waits(each, output) for each in found)]
    value = {"members": [_json(each) for each in everybody], "invitations": [_invitation(each) for each in found]}
    output.result(value, "\n".join(lines))
    return FAILED if any(isinstance(each, Doubtful) for each in found) else DONE


def _confirm(signed_in: SignedIn, arguments: argparse.Namespace, output: Output) -> int:
    """Compare the words, then sign the roster: who reads them aloud is whom it is about."""
    found = _invited(signed_in, arguments.who, output)
    if isinstance(found, Doubtful):
        raise found.reason
    newcomer = found.newcomer
    if newcomer is None:
        raise NotFoundError(output.text("people.not_joined", email=shown(found.invitation.email)))
    words = arguments.words
    if words is None:
        if not output.interactive:
            raise MissingInputError(output.text("people.needs_words"), advice=output.text("people.needs_words_advice"))
        output.say("people.compare", name=shown(newcomer.name), email=shown(newcomer.email), role=_role(found, output))
        words = output.ask("people.ask_words")
    member = confirm(signed_in, found, words)
    text = output.text("people.confirmed", name=shown(newcomer.name), role=_role(found, output))
    output.result({"member": member, "role": found.invitation.role}, text)
    return DONE


def _revoke(signed_in: SignedIn, arguments: argparse.Namespace, output: Output) -> int:
    found = _invited(signed_in, arguments.who, output)
    id_ = found.id if isinstance(found, Doubtful) else found.invitation.id
    revoke_invitation(signed_in, id_)
    output.result({"invitation": id_}, output.text("people.revoked"))
    return DONE


def _rename(signed_in: SignedIn, arguments: argparse.Namespace, output: Output) -> int:
    if arguments.value is None:
        raise UsageError(output.text("people.which_name"))
    member = find_member(signed_in, arguments.who)
    rename(signed_in, member.id, arguments.value)
    output.result(
        {"member": member.id, "name": arguments.value},
        output.text("people.renamed", before=shown(member.called), name=shown(arguments.value)),
    )
    return DONE


_ACTS: dict[str, Callable[[SignedIn, argparse.Namespace, Output], int]] = {
    "confirm": _confirm,
    "revoke": _revoke,
    "rename": _rename,
}


def _invited(signed_in: SignedIn, reference: str, output: Output) -> Waiting | Doubtful:
    """The invitation of whoever has this address, name, or number."""
    found = waiting(signed_in)
    matches = [each for each in found if _is_of(each, reference.strip())]
    if not matches:
        raise NotFoundError(output.text("people.no_invitation", who=shown(reference)), advice=_list_hint(output))
    if len(matches) > 1:
        raise UsageError(output.text("people.several", who=shown(reference)), advice=_list_hint(output))
    return matches[0]


def _is_of(each: Waiting | Doubtful, reference: str) -> bool:
    id_ = each.id if isinstance(each, Doubtful) else each.invitation.id
    if len(reference) >= _SHORTEST_PREFIX and id_.startswith(reference.lower()):
        return True
    if isinstance(each, Doubtful):
        return False
    named = {fold_address(each.invitation.email)}
    return fold_address(reference) in (named if each.newcomer is None else named | {fold_address(each.newcomer.name)})


def _list_hint(output: Output) -> str:
    return output.text("people.see")


def _line(each: Known, signed_in: SignedIn, output: Output) -> str:
    role = output.text(f"people.{each.entry.role}") if each.entry.role in {"director", "coach"} else each.entry.role
    own = "people.own" if each.id == signed_in.member else "people.member"
    key = own if each.entry.until is None else "people.former"
    until = "" if each.entry.until is None else output.day(each.entry.until.date())
    since = output.day(each.entry.since.date())
    return output.text(
        key,
        name=shown(each.called),
        email=shown(each.email),
        role=role,
        since=since,
        until=until,
        id=each.id[:8],
    )


def _waits(each: Waiting | Doubtful, output: Output) -> str:
    if isinstance(each, Doubtful):
        return output.text("people.doubtful", id=each.id[:8], reason=str(each.reason))
    invitation, role, id_ = each.invitation, _role(each, output), each.invitation.id[:8]
    until = output.instant(invitation.expires_at)
    if each.newcomer is None:
        return output.text(
            "people.invited", email=shown(invitation.email), role=role, until=until, id=invitation.id[:8]
        )
    return output.text(
        "people.joined",
        name=shown(each.newcomer.name),
        email=shown(invitation.email),
        role=role,
        id=id_,
    )


def _role(each: Waiting, output: Output) -> str:
    return output.text(f"people.{each.invitation.role}")


def _json(each: Known) -> dict[str, Any]:
    entry = each.entry
    return {
        "id": each.id,
        "name": each.name,
        "email": each.email,
        "role": entry.role,
        "since": format_instant(entry.since),
        "until": _instant(entry.until),
    }


def _invitation(each: Waiting | Doubtful) -> dict[str, Any]:
    if isinstance(each, Doubtful):
        return {"id": each.id, "state": "doubtful", "reason": str(each.reason)}
    invitation, newcomer = each.invitation, each.newcomer
    return {
        "id": invitation.id,
        "state": "invited" if newcomer is None else "joined",
        "email": invitation.email,
        "role": invitation.role,
        "expires_at": format_instant(invitation.expires_at),
        "name": None if newcomer is None else newcomer.name,
    }


def _instant(at: datetime | None) -> str | None:
    return None if at is None else format_instant(at)
