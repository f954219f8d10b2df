"""A list of checks as every verifying verb shows it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from vault.cli.output import Output
from vault.cli.shown import shown
from vault.sdk.checks import Check
from vault.texts import catalogue

_MARKS = {True: "✓", False: "✗"}


def advice(check: Check, room: str, output: Output) -> str:
    """What was found wrong, and what to do; empty where nothing was."""
    if check.advice or check.ok:
        return shown(check.advice)
    values = {name: shown(value) if isinstance(value, str) else value for name, value in check.values.items()}
    return output.text(f"{room}.{check.finding}", **values)


def as_json(checks: Iterable[Check], room: str, output: Output, prefix: str = "") -> list[dict[str, Any]]:
    """As `--json` shows them."""
    return [{"name": prefix + check.name, "ok": check.ok, "advice": advice(check, room, output)} for check in checks]


def as_lines(checks: Iterable[Check], room: str, output: Output) -> list[str]:
    """A line a check, and what to do beneath what is wrong."""
    lines = []
    for check in checks:
        label = catalogue.lookup(f"{room}.check.{check.name}", output.language)
        lines.append(f"{_MARKS[check.ok]} {label or shown(check.name)}")
        text = advice(check, room, output)
        if text:
            lines.append(f"    {text}")
    return lines
