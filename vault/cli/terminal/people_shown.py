"""Members and invitations as lines and as JSON."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from vault.cli.terminal.output import Output
from vault.cli.terminal.shown import shown
from vault.records.encoding import format_instant
from vault.records.types.roster import ROLES
from vault.sdk.people.confirming import Doubtful, NotForYouError, Waiting
from vault.sdk.people.finding import Known
from vault.sdk.people.session import SignedIn


def role_name(role: str, output: Output) -> str:
    """A role in words; one that this software does not know as it is spelled."""
    return output.text(f"people.{role}") if role in ROLES else shown(role)


def line_of(each: Known, signed_in: SignedIn, output: Output) -> str:
    """A member: name, address, role, since when, the beginning of the id."""
    entry = each.entry
    own = "people.own" if each.id == signed_in.member else "people.member"
    line = output.text(
        own if entry.until is None else "people.former",
        name=shown(each.called),
        email=shown(each.email),
        role=role_name(entry.role, output),
        since=output.day(entry.since.date()),
        until="" if entry.until is None else output.day(entry.until.date()),
        id=each.id[:8],
    )
    if each.devices is None or each.entry.until is not None:
        return line
    if each.seen_at is None:
        return f"{line} · {output.text('people.no_device')}"
    return f"{line} · {output.text('people.devices', count=each.devices, at=output.instant(each.seen_at))}"


def waiting_line(each: Waiting | Doubtful, output: Output) -> str:
    """An invitation; without the words, which a director hears and does not read."""
    if isinstance(each, Doubtful):
        if isinstance(each.reason, NotForYouError):
            return output.text("people.not_for_you", id=each.id[:8])
        return output.text("people.doubtful", id=each.id[:8], reason=str(each.reason))
    invitation, newcomer = each.invitation, each.newcomer
    values = {
        "email": shown(invitation.email),
        "role": role_name(invitation.role, output),
        "id": invitation.id[:8],
    }
    if newcomer is None:
        return output.text("people.invited", until=output.instant(invitation.expires_at), **values)
    key = "people.joined" if invitation.replaces is None else "people.joined_in_place"
    return output.text(key, name=shown(newcomer.name), left=(invitation.replaces or "")[:8], **values)


def member_json(each: Known) -> dict[str, Any]:
    """A member as `--json` shows her."""
    entry = each.entry
    return {
        "id": each.id,
        "name": each.name,
        "email": each.email,
        "role": entry.role,
        "since": format_instant(entry.since),
        "until": _instant(entry.until),
        "devices": each.devices,
        "seen_at": _instant(each.seen_at),
    }


def invitation_json(each: Waiting | Doubtful) -> dict[str, Any]:
    """An invitation as `--json` shows it."""
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
        "replaces": invitation.replaces,
    }


def _instant(at: datetime | None) -> str | None:
    return None if at is None else format_instant(at)
