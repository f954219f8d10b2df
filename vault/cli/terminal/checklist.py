"""The output of a list of checks, for every verifying verb."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from vault.cli.terminal import details
from vault.cli.terminal.output import Output
from vault.cli.terminal.shown import shown
from vault.sdk.checks import Check
from vault.sdk.people.known_practice import UNKNOWN
from vault.texts import catalogue

_MARKS = {True: "✓", False: "✗"}


def advice(check: Check, room: str, output: Output) -> str:
    """The fault and the advice; empty without a fault."""
    if check.advice or check.ok:
        return details.told(shown(check.advice), output.language)
    values = {name: shown(value) if isinstance(value, str) else value for name, value in check.values.items()}
    return output.text(f"{room}.{check.finding}", **values)


def as_json(checks: Iterable[Check], room: str, output: Output, prefix: str = "") -> list[dict[str, Any]]:
    """The checks for `--json`."""
    return [{"name": prefix + check.name, "ok": check.ok, "advice": advice(check, room, output)} for check in checks]


def as_lines(checks: Iterable[Check], room: str, output: Output) -> list[str]:
    """A line for each check, with advice below a failed one."""
    lines = []
    for check in checks:
        label = catalogue.lookup(f"{room}.check.{check.name}", output.language)
        lines.append(f"{_MARKS[check.ok]} {label or shown(check.name)}")
        text = advice(check, room, output)
        if text:
            lines.append(f"    {text}")
    return lines


def ending(checks: Iterable[Check], room: str, output: Output, **values: object) -> str:
    """The last line: it is valid, it is not, or all of it holds and nobody can say whose it is."""
    faults = {check.finding for check in checks if not check.ok}
    key = "valid" if not faults else "unknown" if faults == {UNKNOWN} else "invalid"
    return output.text(f"{room}.{key}", **values)
