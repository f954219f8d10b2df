"""`dossier doctor`: check the server and this device, and advise repairs."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import replace

from vault.cli.terminal.arguments import Parser
from vault.cli.terminal.checklist import as_json, as_lines
from vault.cli.terminal.credentials import totp_file
from vault.cli.terminal.output import Output
from vault.sdk.doctor import examine


def add_arguments(parser: Parser) -> None:
    """No arguments."""
    del parser


def run(arguments: Namespace, output: Output) -> int:
    """Check everything; 0 when all is well, else 1."""
    del arguments
    found = examine(totp_file)
    checks = [
        replace(check, values={**check.values, "size": output.size(int(str(check.values["size"])))})
        if "size" in check.values
        else check
        for check in found
    ]
    healthy = all(check.ok for check in checks)
    lines = [*as_lines(checks, "doctor", output), output.text("doctor.healthy" if healthy else "doctor.ill")]
    output.result({"checks": as_json(checks, "doctor", output)}, "\n".join(lines))
    return 0 if healthy else 1
