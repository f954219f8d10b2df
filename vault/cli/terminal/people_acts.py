"""A director's acts upon members and invitations; what follows for the dossiers is done in the same command.

The roster comes first, and by it what somebody could do ends. What follows is repeatable: the same command again does
what is left.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from vault.cli.terminal.failures import DONE
from vault.cli.terminal.handed import tell_handed
from vault.cli.terminal.new_sheet import with_sheet, written_sheet
from vault.cli.terminal.output import Output
from vault.cli.terminal.people_shown import role_name
from vault.cli.terminal.progress import counted
from vault.cli.terminal.sheet_words import ask_back
from vault.cli.terminal.shown import shown
from vault.records.encoding import fold_address
from vault.records.types.roster import DIRECTOR, ROLES
from vault.sdk.documents.handing_over import Handed, bring_directors, hand_over, let_go, step_down
from vault.sdk.errors import MissingInputError, NotFoundError, UsageError
from vault.sdk.keys.sheet import Sheet
from vault.sdk.people.appointing import change_role, check_other, dismiss, rename
from vault.sdk.people.confirming import Doubtful, Waiting, confirm, waiting
from vault.sdk.people.finding import SEE, find_member
from vault.sdk.people.inviting import revoke_invitation
from vault.sdk.people.session import SignedIn
from vault.sdk.shares.leaving import Leaving, leaving, revoke_links

_SHORTEST_PREFIX = 4


def confirm_newcomer(signed_in: SignedIn, arguments: argparse.Namespace, output: Output) -> int:
    """Take the words that the director hears, then sign the roster; a director gets every dossier."""
    found = _invited(signed_in, arguments.who, output)
    if isinstance(found, Doubtful):
        raise found.reason
    newcomer, invitation = found.newcomer, found.invitation
    if newcomer is None:
        raise NotFoundError(output.text("people.not_joined", email=shown(invitation.email)))
    before = invitation.replaces
    if before is not None:
        left = signed_in.card_of(before)[0] or before
        output.say("people.in_place", name=shown(newcomer.name), left=shown(left))
    words = arguments.words or _heard(found, output)
    was_director = before in signed_in.rosters.newest.directors
    member = _with_sheet(
        signed_in, arguments.sheet, was_director, output, lambda sheet: confirm(signed_in, found, words, sheet)
    )
    role = role_name(invitation.role, output)
    done, value = output.text("people.confirmed", name=shown(newcomer.name), role=role), {"member": member}
    with counted(output) as tell:
        if invitation.role == DIRECTOR:
            handed = bring_directors(signed_in, tell=tell)
            if before is not None:
                handed = _both(handed, let_go(signed_in, before, leave_damaged=arguments.leave_damaged, tell=tell))
        elif before is not None:
            handed = hand_over(signed_in, before, member, leave_damaged=arguments.leave_damaged, tell=tell)
        else:
            handed = Handed()
    return tell_handed(handed, done, {**value, "role": invitation.role}, output)


def revoke_invited(signed_in: SignedIn, arguments: argparse.Namespace, output: Output) -> int:
    """End an invitation."""
    found = _invited(signed_in, arguments.who, output)
    id_ = found.id if isinstance(found, Doubtful) else found.invitation.id
    revoke_invitation(signed_in, id_)
    output.result({"invitation": id_}, output.text("people.revoked"))
    return DONE


def rename_member(signed_in: SignedIn, arguments: argparse.Namespace, output: Output) -> int:
    """Give a member another name."""
    if arguments.value is None:
        raise UsageError(output.text("people.which_name"))
    member = find_member(signed_in, arguments.who)
    rename(signed_in, member.id, arguments.value)
    output.result(
        {"member": member.id, "name": arguments.value},
        output.text("people.renamed", before=shown(member.called), name=shown(arguments.value)),
    )
    return DONE


def give_role(signed_in: SignedIn, arguments: argparse.Namespace, output: Output) -> int:
    """Give a member another role; as a director she gets every dossier, as a coach she keeps her own."""
    role = arguments.value
    if role not in ROLES:
        raise UsageError(output.text("people.which_role"), advice=", ".join(sorted(ROLES)))
    member = find_member(signed_in, arguments.who)
    if member.entry.role != role:
        was = member.entry.role == DIRECTOR
        _with_sheet(
            signed_in, arguments.sheet, was, output, lambda sheet: change_role(signed_in, member.id, role, sheet)
        )
    with counted(output) as tell:
        if role == DIRECTOR:
            handed = bring_directors(signed_in, tell=tell)
        else:
            handed = step_down(signed_in, member.id, leave_damaged=arguments.leave_damaged, tell=tell)
    done = output.text("people.has_role", name=shown(member.called), role=role_name(role, output))
    return tell_handed(handed, done, {"member": member.id, "role": role}, output)


def dismiss_member(signed_in: SignedIn, arguments: argparse.Namespace, output: Output) -> int:
    """Say what she could have kept and which links of hers are open, then let her go, with new keys for all of it."""
    member = find_member(signed_in, arguments.who, left=True)
    name = shown(member.called)
    if member.entry.active:
        check_other(signed_in, member.id)
    with counted(output) as tell:
        report = leaving(signed_in, member.id, tell=tell)
    _tell_report(report, output)
    if member.entry.active:
        question = output.text("people.ask_dismiss", name=name, count=sum(each.good for each in report.kept))
        if not output.confirm(question):
            raise UsageError(output.text("people.not_dismissed", name=name))
        was = member.entry.role == DIRECTOR
        _with_sheet(signed_in, arguments.sheet, was, output, lambda sheet: dismiss(signed_in, member.id, sheet))
    revoked = _links(signed_in, report, arguments, output)
    with counted(output) as tell:
        handed = let_go(signed_in, member.id, leave_damaged=arguments.leave_damaged, tell=tell)
    value: dict[str, Any] = {
        "member": member.id,
        "kept": [each.to_json() for each in report.kept],
        "links": [each.share for each in report.links],
        "revoked": revoked,
    }
    done = output.text("people.dismissed", name=name, count=len(handed.done))
    return tell_handed(handed, done, value, output)


def _tell_report(report: Leaving, output: Output) -> None:
    for each in report.kept:
        last = each.last_read
        key = "people.kept" if last is None else "people.kept_read"
        read, at = ("", "") if last is None else (shown(last.name or last.document), output.instant(last.at))
        output.say(key, name=shown(each.name or each.dossier), document=read, at=at)
    for link in report.links:
        until = output.instant(link.expires_at)
        output.say("people.link", name=shown(link.name or link.dossier), until=until, share=link.share[:8])
    for left in report.left:
        output.say("people.not_looked", name=shown(left.name or left.dossier), reason=left.reason)


def _links(signed_in: SignedIn, report: Leaving, arguments: argparse.Namespace, output: Output) -> bool:
    """Whether her links were revoked: as was said, or asked; without a word they stay, each to its day."""
    if not report.links or arguments.keep_links:
        return False
    asked = output.interactive and not output.yes
    if not arguments.revoke_links and not (asked and output.confirm(_question(report, output))):
        return False
    revoke_links(signed_in, report.links)
    return True


def _question(report: Leaving, output: Output) -> str:
    return output.text("people.ask_links", count=len(report.links))


def _with_sheet(
    signed_in: SignedIn,
    path: Path | None,
    needed: bool,  # noqa: FBT001
    output: Output,
    act: Callable[[Sheet | None], Any],
) -> Any:
    """Run the act with a new recovery sheet where a director leaves, without one elsewhere."""
    if not needed:
        if path is not None:
            raise UsageError(output.text("people.no_sheet"))
        return act(None)
    if path is None:
        raise MissingInputError(output.text("people.needs_sheet"), advice=output.text("people.needs_sheet_advice"))
    sheet = written_sheet(signed_in, path)
    done = with_sheet(path, lambda: act(sheet))
    output.say("people.new_sheet", path=path)
    ask_back(sheet, output)
    return done


def _heard(found: Waiting, output: Output) -> str:
    """The words that she reads aloud: whoever confirms by clicking confirms anybody."""
    if not output.interactive:
        raise MissingInputError(output.text("people.needs_words"), advice=output.text("people.needs_words_advice"))
    assert found.newcomer is not None
    name, email = shown(found.newcomer.name), shown(found.newcomer.email)
    output.say("people.compare", name=name, email=email, role=role_name(found.invitation.role, output))
    return output.ask("people.ask_words")


def _both(one: Handed, other: Handed) -> Handed:
    return Handed([*one.done, *other.done], [*one.left, *other.left])


def _invited(signed_in: SignedIn, reference: str, output: Output) -> Waiting | Doubtful:
    """The invitation of whoever has this address, name, or number."""
    matches = [each for each in waiting(signed_in) if _is_of(each, reference.strip())]
    if not matches:
        raise NotFoundError(output.text("people.no_invitation", who=shown(reference)), advice=SEE)
    if len(matches) > 1:
        raise UsageError(output.text("people.several", who=shown(reference)), advice=SEE)
    return matches[0]


def _is_of(each: Waiting | Doubtful, reference: str) -> bool:
    id_ = each.id if isinstance(each, Doubtful) else each.invitation.id
    if len(reference) >= _SHORTEST_PREFIX and id_.startswith(reference.lower()):
        return True
    if isinstance(each, Doubtful):
        return False
    named = {fold_address(each.invitation.email)}
    return fold_address(reference) in (named if each.newcomer is None else named | {fold_address(each.newcomer.name)})
