"""`dossier practice`: what the practice's policy says, and a director's next one."""

from __future__ import annotations

import argparse
from typing import Any

from vault.cli.terminal.arguments import Parser
from vault.cli.terminal.output import Output
from vault.cli.terminal.shown import shown
from vault.cli.terminal.signed_in import load
from vault.records.types.policy import MAX_DAYS, MAX_MONTHS, Policy
from vault.sdk.dossiers.holders import check_director
from vault.sdk.errors import UsageError
from vault.sdk.keys.words import fingerprint
from vault.sdk.one_line import check_line
from vault.sdk.people.appointing import MAX_NAME
from vault.sdk.people.founding import check_links_url
from vault.sdk.people.policies import change_policy

MOST_PICKUPS = 10_000
# Option, field of the policy, the least and the most that it may be.
_NUMBERS = (
    ("share_days", 1, MAX_DAYS),
    ("share_max", 1, MOST_PICKUPS),
    ("announce_days", 0, MAX_DAYS),
)
_MONTHS = {"client_months": "client", "commissioner_months": "commissioner"}


def add_arguments(parser: Parser) -> None:
    """Without options it shows; each option changes one thing."""
    parser.add_argument("--name", metavar="N", help=parser.say("practice.name"))
    parser.add_argument("--public-url", metavar="URL", help=parser.say("practice.public_url"))
    for option, _, most in _NUMBERS:
        spelled = f"--{option.replace('_', '-')}"
        parser.add_argument(spelled, type=int, metavar="N", help=parser.say(f"practice.{option}", most=most))
    for option in _MONTHS:
        spelled = f"--{option.replace('_', '-')}"
        parser.add_argument(spelled, type=int, metavar="N", help=parser.say(f"practice.{option}", most=MAX_MONTHS))


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Show the policy in force; with an option sign the next one first."""
    signed_in = load(output)
    before, changes = signed_in.policy, _changes(arguments, signed_in.policy, output)
    if changes:
        check_director(signed_in)
        for line in _changed(before, changes, output):
            output.line(line)
        if not output.confirm(output.text("practice.ask")):
            raise UsageError(output.text("practice.not_changed"))
        change_policy(signed_in, **changes)
    policy = signed_in.policy
    words = fingerprint(signed_in.rosters.newest.root)
    value = {
        "name": policy.name,
        "public_url": policy.public_url,
        "retention": dict(policy.months),
        "share_days": policy.share_days,
        "share_max": policy.share_max,
        "announce_days": policy.announce_days,
        "version": policy.version,
        "root_fingerprint": words,
    }
    shown_ = {name: each for name, each in value.items() if name not in {"retention", "name", "root_fingerprint"}}
    text = output.text(
        "practice.shown",
        name=shown(policy.name),
        client=policy.months["client"],
        commissioner=policy.months["commissioner"],
        words=words,
        **shown_,
    )
    output.result(value, text)
    return 0


def _changes(arguments: argparse.Namespace, before: Policy, output: Output) -> dict[str, Any]:
    """The fields that are to be others than they are."""
    wanted: dict[str, Any] = {}
    if arguments.name is not None:
        wanted["name"] = check_line(arguments.name, "practice's name", MAX_NAME)
    if arguments.public_url is not None:
        wanted["public_url"] = check_links_url(arguments.public_url.rstrip("/"))
    for option, least, most in _NUMBERS:
        value = getattr(arguments, option)
        if value is not None:
            wanted[option] = _between(option, value, least, most, output)
    given = {option: getattr(arguments, option) for option in _MONTHS}
    months = {
        _MONTHS[option]: _between(option, value, 1, MAX_MONTHS, output)
        for option, value in given.items()
        if value is not None
    }
    if months:
        wanted["months"] = {**before.months, **months}
    return {name: value for name, value in wanted.items() if value != getattr(before, name)}


def _between(option: str, value: int, least: int, most: int, output: Output) -> int:
    if not least <= value <= most:
        spelled = f"--{option.replace('_', '-')}"
        raise UsageError(output.text("practice.between", option=spelled, least=least, most=most))
    return value


def _changed(before: Policy, changes: dict[str, Any], output: Output) -> list[str]:
    """What changes, a line each."""
    return [
        output.text(
            "practice.change",
            field=output.text(f"practice.of_{name}"),
            before=_spelled(getattr(before, name)),
            after=_spelled(value),
        )
        for name, value in changes.items()
    ]


def _spelled(value: Any) -> str:
    """A field's value for people: of terms by kind the months alone, clients' first."""
    return " / ".join(map(str, value.values())) if isinstance(value, dict) else str(value)
