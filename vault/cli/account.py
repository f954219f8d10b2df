"""`dossier account`: your own password, second factor, recovery codes and devices; a director gives back."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from vault.cli.terminal import credentials
from vault.cli.terminal.arguments import Parser
from vault.cli.terminal.failures import DONE, FAILED
from vault.cli.terminal.output import Output
from vault.cli.terminal.signed_in import load
from vault.records.encoding import format_instant
from vault.sdk.audit.account_chain import account_events
from vault.sdk.device.home import Home
from vault.sdk.errors import UsageError
from vault.sdk.keys import one_time_codes
from vault.sdk.keys.recovery_codes import new_codes, spaced
from vault.sdk.people import account
from vault.sdk.people.account import Account, Device, Factors
from vault.sdk.people.session import SignedIn

ACTS = ("show", "password", "factor", "codes", "devices", "give-back")
ROLES = ("director", "coach")
EVENTS = (
    "password_changed",
    "factor_changed",
    "codes_changed",
    "keyring_renewed",
    "recovery_code_used",
    "credentials_given_back",
    "sessions_ended",
)
FEW_CODES = 3
SHOWN_EVENTS = 5


def add_arguments(parser: Parser) -> None:
    """[show|password|factor|codes|devices|give-back EMAIL] with what each of them takes."""
    parser.add_argument("act", choices=ACTS, nargs="?", default="show", metavar="ACT", help=parser.say("account.act"))
    parser.add_argument("email", nargs="?", metavar="EMAIL", help=parser.say("account.email"))
    parser.add_argument("--code-file", metavar="F", help=parser.say("account.code_file"))
    parser.add_argument("--new-password-file", metavar="F", type=Path, help=parser.say("account.new_password_file"))
    ends = parser.add_mutually_exclusive_group()
    ends.add_argument("--end", metavar="ID", help=parser.say("account.end"))
    ends.add_argument("--all", action="store_true", help=parser.say("account.all"))
    parser.add_argument("--of", metavar="EMAIL", help=parser.say("account.of"))
    parser.add_argument("--at", metavar="TIME", help=parser.say("account.at"))


def run(arguments: Namespace, output: Output) -> int:
    """Do one of them; 0 when it is done."""
    if (arguments.act == "give-back") != (arguments.email is not None):
        raise UsageError(output.text("account.usage"), advice="dossier account give-back EMAIL")
    acts: dict[str, Callable[[SignedIn, Namespace, Output], int]] = {
        "show": _show,
        "password": _password,
        "factor": _factor,
        "codes": _codes,
        "devices": _devices,
        "give-back": _give_back,
    }
    return acts[arguments.act](load(output), arguments, output)


def _show(signed_in: SignedIn, arguments: Namespace, output: Output) -> int:
    del arguments
    found, events = account.account(signed_in), account_events(signed_in)
    role = signed_in.entry.role
    shown = output.text(f"account.role.{role}") if role in ROLES else role
    lines = [
        output.text("account.who", name=found.name, email=found.email, role=shown),
        output.text("account.since", password=_day(output, found.password_at), factor=_day(output, found.factor_at)),
        output.text("account.left", count=found.codes),
        *([output.text("account.few")] if found.codes < FEW_CODES else []),
        *_device_lines(found, output),
        *(
            output.text("account.event", at=output.instant(each.at), event=_event(each.event, output))
            for each in events[-SHOWN_EVENTS:]
        ),
    ]
    told = [
        {"at": format_instant(each.at), "event": each.event, "actor": each.actor, "sequence": each.sequence}
        for each in events
    ]
    output.result({**_as_json(found), "role": role, "events": told}, "\n".join(lines))
    return DONE


def _password(signed_in: SignedIn, arguments: Namespace, output: Output) -> int:
    factors = _factors(signed_in, arguments, output)
    account.change_password(signed_in, factors, credentials.changed_password(arguments.new_password_file, output))
    output.result({"changed": "password"}, output.text("account.password_done"))
    return DONE


def _factor(signed_in: SignedIn, arguments: Namespace, output: Output) -> int:
    """The new secret lies beside the old one until the server has it: whichever counts is on this machine."""
    factors, path = _factors(signed_in, arguments, output), credentials.totp_file(signed_in.home)
    secret, codes, kept = one_time_codes.new_secret(), new_codes(), path.exists()
    waiting = credentials.waiting_totp_file(signed_in.home)
    if kept:
        one_time_codes.write_secret_file(waiting, secret)
    email, issuer = account.email_of(signed_in), signed_in.policy.name
    credentials.show_totp(output, secret, account=email, issuer=issuer, path=waiting if kept else None)
    confirm = credentials.typed_codes(output, "account.new_code")() if output.interactive else None
    if not kept and arguments.code_file is None:  # the app has two keys now: say which one is asked for
        factors = replace(factors, code=credentials.typed_codes(output, "account.old_code"))
    account.change_factor(signed_in, factors, secret, codes, confirm)
    if kept:
        waiting.replace(path)
    _say_codes(output, codes, "factor", secret=None if kept or confirm else one_time_codes.to_base32(secret))
    return DONE


def _codes(signed_in: SignedIn, arguments: Namespace, output: Output) -> int:
    codes = new_codes()
    account.change_codes(signed_in, _factors(signed_in, arguments, output), codes)
    _say_codes(output, codes, "codes")
    return DONE


def _say_codes(output: Output, codes: tuple[str, ...], changed: str, *, secret: str | None = None) -> None:
    shown = [spaced(code) for code in codes]
    value: dict[str, Any] = {"changed": changed, "codes": shown}
    if secret is not None:
        value["totp"] = secret
    output.result(value, "\n".join([output.text(f"account.{changed}_done"), *shown, output.text("account.keep_codes")]))


def _devices(signed_in: SignedIn, arguments: Namespace, output: Output) -> int:
    if arguments.of is not None:
        return _devices_of(signed_in, arguments, output)
    found = account.account(signed_in)
    if arguments.end is None and not arguments.all:
        output.result({"devices": _as_json(found)["devices"]}, "\n".join(_device_lines(found, output)))
        return DONE
    chosen = None if arguments.all else _chosen(found.devices, arguments.end, output)
    if arguments.all and not output.confirm(output.text("account.ask_all", count=len(found.devices))):
        return FAILED
    account.end_device(signed_in, credentials.password(output), None if chosen is None else chosen.id)
    ended = [each.id for each in found.devices if chosen is None or each is chosen]
    output.result({"ended": ended}, output.text("account.ended", count=len(ended)))
    return DONE


def _devices_of(signed_in: SignedIn, arguments: Namespace, output: Output) -> int:
    """A director ends all sessions of a member, whose devices nobody else is shown."""
    if not arguments.all:
        raise UsageError(output.text("account.of_all"), advice="dossier account devices --all --of EMAIL")
    member = _member(signed_in, arguments.of, output)
    if not output.confirm(output.text("account.ask_of", email=arguments.of)):
        return FAILED
    account.end_sessions_of(signed_in, credentials.password(output), member)
    output.result({"ended": None, "member": member}, output.text("account.ended_of", email=arguments.of))
    return DONE


def _member(signed_in: SignedIn, email: str, output: Output) -> str:
    member = account.member_of(signed_in, email)
    if member is None:
        nobody = output.text("account.nobody", email=email)
        raise UsageError(nobody, advice=output.text("account.check_email"))
    return member


def _chosen(devices: tuple[Device, ...], start: str, output: Output) -> Device:
    found = [each for each in devices if each.id.startswith(start.strip().lower())]
    if len(found) != 1:
        raise UsageError(output.text("account.no_device", id=start), advice="dossier account devices")
    return found[0]


def _give_back(signed_in: SignedIn, arguments: Namespace, output: Output) -> int:
    """The newest change is undone, or the one of the time that is named."""
    member = _member(signed_in, arguments.email, output)
    changes = [each.at for each in account.formers(signed_in, member)]
    if not changes:
        output.say("account.nothing_back", email=arguments.email)
        return FAILED
    for at in changes:
        output.say("account.change", at=format_instant(at))
    chosen = changes[-1] if arguments.at is None else _named(changes, arguments.at, output)
    if not output.confirm(output.text("account.ask_back", email=arguments.email, at=format_instant(chosen))):
        return FAILED
    account.give_back(signed_in, _factors(signed_in, arguments, output), member, chosen)
    value = {"member": member, "given_back": format_instant(chosen)}
    output.result(value, output.text("account.back_done", email=arguments.email))
    return DONE


def _named(changes: list[datetime], text: str, output: Output) -> datetime:
    for at in changes:
        if format_instant(at) == text.strip():
            return at
    raise UsageError(output.text("account.no_change", at=text), advice=output.text("account.name_change"))


def _factors(signed_in: SignedIn, arguments: Namespace, output: Output) -> Factors:
    """Both factors again: a session alone changes nothing."""
    home: Home = signed_in.home
    password = credentials.password(output)
    if arguments.code_file is not None:
        return Factors(password, credentials.code_from(arguments.code_file, output))
    return Factors(password, credentials.codes(home, output))


def _device_lines(found: Account, output: Output) -> list[str]:
    return [
        output.text(
            "account.this_device" if each.this else "account.device",
            id=each.id[:8],
            name=each.name or output.text("account.nameless"),
            place=each.place or output.text("account.placeless"),
            at=output.instant(each.last_use),
        )
        for each in found.devices
    ]


def _day(output: Output, at: datetime | None) -> str:
    return output.text("account.never") if at is None else output.instant(at)


def _event(event: str, output: Output) -> str:
    return output.text(f"account.events.{event}") if event in EVENTS else event


def _as_json(found: Account) -> dict[str, Any]:
    def at(moment: datetime | None) -> str | None:
        return None if moment is None else format_instant(moment)

    return {
        "name": found.name,
        "email": found.email,
        "password_at": at(found.password_at),
        "factor_at": at(found.factor_at),
        "codes": found.codes,
        "devices": [
            {
                "id": each.id,
                "name": each.name,
                "place": each.place,
                "since": at(each.since),
                "last_use": at(each.last_use),
                "this": each.this,
            }
            for each in found.devices
        ],
    }
