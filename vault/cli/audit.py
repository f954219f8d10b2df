"""`dossier audit verify`: recompute a dossier's audit chain, online or from an exported file."""

from __future__ import annotations

import re
from argparse import Namespace
from pathlib import Path

from vault.cli.certificate import known_practice, read_file
from vault.cli.terminal.arguments import Parser
from vault.cli.terminal.checklist import as_json, as_lines, ending
from vault.cli.terminal.details import told
from vault.cli.terminal.failures import INTEGRITY, describe
from vault.cli.terminal.output import Output
from vault.cli.terminal.sightings import contradicted
from vault.cli.terminal.signed_in import load
from vault.errors import IntegrityError
from vault.records.encoding import RecordError
from vault.sdk.audit.verification import verify_file, verify_online
from vault.sdk.checks import Check
from vault.sdk.device.pin_kinds import Act
from vault.sdk.documents.listing import list_documents
from vault.sdk.dossiers.finding import Doubt, find, list_dossiers, load_dossier
from vault.sdk.errors import NotFoundError
from vault.sdk.people.session import SignedIn
from vault.sdk.shares.acts import acts_of_records
from vault.sdk.shares.listing import list_shares

_ID = re.compile(r"[0-9a-f]{32}\Z")
OPENED, SHORT = "opened", 8


def add_arguments(parser: Parser) -> None:
    """Verify [DOSSIER|FILE [--fingerprint WORDS]]."""
    parser.add_argument("act", choices=("verify",), help=parser.say("audit.act"))
    parser.add_argument("subject", metavar="DOSSIER|FILE", nargs="?", help=parser.say("audit.subject"))
    parser.add_argument("--fingerprint", metavar="WORDS", help=parser.say("audit.fingerprint"))


def run(arguments: Namespace, output: Output) -> int:
    """Verify; 0 when every check passes, else 1."""
    subject = arguments.subject
    if subject is not None and Path(subject).is_file():
        return _file(Path(subject), arguments.fingerprint, output)
    return _online(subject, output)


def _file(path: Path, expected: str | None, output: Output) -> int:
    checks = verify_file(read_file(path, output), known_practice(), expected)
    sound = all(check.ok for check in checks)
    lines = [*as_lines(checks, "audit", output), ending(checks, "audit", output)]
    output.result({"checks": as_json(checks, "audit", output)}, "\n".join(lines))
    return 0 if sound else 1


def _online(subject: str | None, output: Output) -> int:
    """Verify one dossier (a destroyed one by its id), or all, with each check prefixed by its dossier's id.

    Of all, one that does not open fails by itself, and the others are verified.
    """
    signed_in = load(output)
    if subject is None:
        found = _every(signed_in, output)
    else:
        dossier = subject if _ID.match(subject) else find(signed_in, subject).id
        found = {dossier: verify_online(signed_in, dossier, _acts(signed_in, dossier))}
    items, lines = [], []
    for dossier, checks in found.items():
        items += as_json(checks, "audit", output, prefix="" if subject is not None else f"{dossier}.")
        lines += [dossier[:SHORT], *as_lines(checks, "audit", output)]
    seen = contradicted(signed_in, output)
    sound = not seen and all(check.ok for checks in found.values() for check in checks)
    lines.append(output.text("audit.valid" if sound else "audit.invalid"))
    output.result({"checks": items, **({"contradicted": seen} if seen else {})}, "\n".join(lines))
    closed = any(check.name == OPENED for checks in found.values() for check in checks)
    return INTEGRITY if closed else 0 if sound else 1


def _every(signed_in: SignedIn, output: Output) -> dict[str, list[Check]]:
    """The checks of all dossiers, by id; what does not open has one that says why."""
    doubts: list[Doubt] = []
    found: dict[str, list[Check]] = {}
    for listed in list_dossiers(signed_in, doubts=doubts):
        try:
            found[listed.id] = verify_online(signed_in, listed.id, _acts(signed_in, listed.id))
        except (IntegrityError, RecordError) as error:
            found[listed.id] = [Check(OPENED, "not_opened", {"reason": describe(error, output)[1]})]
    for doubt in doubts:
        reason = told(doubt.reason, output.language)
        found[doubt.dossier] = [Check(OPENED, "not_opened", {"reason": reason})]
    return found


def _acts(signed_in: SignedIn, dossier: str) -> list[Act]:
    """What the records of a dossier prove; nothing for one that was destroyed, or whose holder is somebody else."""
    try:
        opened = load_dossier(signed_in, dossier, contents=True)
    except NotFoundError:
        return []
    return acts_of_records(list_documents(opened, quarantine=[]), list_shares(opened))
