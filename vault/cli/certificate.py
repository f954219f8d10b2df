"""`dossier certificate`: verify a certificate of destruction without a server, or fetch one of this practice."""

from __future__ import annotations

import os
import re
from argparse import Namespace
from pathlib import Path
from typing import Any

from vault.cli.terminal.arguments import Parser
from vault.cli.terminal.checklist import as_json, as_lines, ending
from vault.cli.terminal.output import Output
from vault.cli.terminal.shown import shown
from vault.cli.terminal.signed_in import load
from vault.errors import VaultError
from vault.sdk.device import clock
from vault.sdk.device.home import DEFAULT, Home
from vault.sdk.erasures.certificate import Verdict, verify
from vault.sdk.erasures.certificate_copies import Begun, client_copy, page_of, parse_begun, practice_copy
from vault.sdk.erasures.checking import with_check
from vault.sdk.erasures.following import Erasure, certificate
from vault.sdk.errors import AnswerError, ForkError, NotFoundError, RollbackError, UsageError
from vault.sdk.keys.words import fingerprint
from vault.sdk.people.session import MemberFile, SignedIn, load_member

_NUMBER = re.compile(r"[0-9a-f]{32}\Z")


def add_arguments(parser: Parser) -> None:
    """Either verify FILE, or get ERASURE [--client-copy FILE]."""
    parser.add_argument("act", choices=("verify", "get"), help=parser.say("certificate.act"))
    parser.add_argument("subject", metavar="FILE|ERASURE", help=parser.say("certificate.subject"))
    parser.add_argument("--client-copy", metavar="FILE", type=Path, help=parser.say("certificate.client_copy"))
    parser.add_argument("--fingerprint", metavar="WORDS", help=parser.say("certificate.fingerprint"))


def run(arguments: Namespace, output: Output) -> int:
    """Verify: 0 when every check passes, 1 when one fails, 2 when there is no such file. Get: 0."""
    if arguments.act == "verify":
        return _verify(Path(arguments.subject), arguments.fingerprint, output)
    return _get(erasure_number(arguments.subject, output), arguments.client_copy, output)


def erasure_number(text: str, output: Output) -> str:
    """An erasure's id; raises NotFoundError."""
    if not _NUMBER.match(text.strip().lower()):
        raise NotFoundError(output.text("certificate.no_number", text=text))
    return text.strip().lower()


def read_file(path: Path, output: Output) -> bytes:
    """The content of a file from the command line; raises UsageError when it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(output.text("certificate.no_file", path=path), advice=error.strerror or "") from error


def known_practice() -> str | None:
    """The practice of this device, if known; no session is needed."""
    owner = known_member()
    return None if owner is None else owner.practice


def known_member() -> MemberFile | None:
    """Whose device this is, if known."""
    folder = Path(os.environ.get("DOSSIER_HOME") or DEFAULT.expanduser())
    if not folder.is_dir():
        return None
    try:
        return load_member(Home(folder))
    except VaultError:
        return None


def _verify(path: Path, expected: str | None, output: Output) -> int:
    verdict = verify(read_file(path, output), known_practice(), clock.now(), expected)
    words = "" if verdict.rosters is None else fingerprint(verdict.rosters.newest.root)
    value: dict[str, Any] = {
        "checks": as_json(verdict.checks, "certificate", output),
        "checked": [each.to_json() for each in verdict.checked],
    }
    if verdict.ok:
        value["fingerprint"] = words
    if verdict.file is not None and verdict.file.nonce is not None:
        value["documents"] = [{"name": one.path, "size": one.size, "digest": one.digest} for one in verdict.documents]
    end = ending(verdict.checks, "certificate", output, words=words)
    lines = [
        *as_lines(verdict.checks, "certificate", output),
        *_covered(verdict, output),
        *_checked(verdict, output),
        end,
    ]
    output.result(value, "\n".join(lines))
    return 0 if verdict.ok else 1


def _covered(verdict: Verdict, output: Output) -> list[str]:
    """The documents that the client's copy names and the certificate covers, and how many it does not name."""
    lines = [
        output.text("certificate.covers", name=shown(one.path), size=output.size(one.size)) for one in verdict.documents
    ]
    client = verdict.file is not None and verdict.file.nonce is not None
    others = len(verdict.file.leaves) - len(verdict.documents) if client and verdict.file is not None else 0
    return [*lines, output.text("certificate.unnamed", count=others)] if others else lines


def _checked(verdict: Verdict, output: Output) -> list[str]:
    """Who verified it, and when; that nobody did is said too."""
    owner = known_member()
    lines = []
    for each in verdict.checked:
        name = f"{owner.email} ({each.member})" if owner is not None and owner.member == each.member else each.member
        key = "checked_left" if each.left else "checked"
        lines.append(output.text(f"certificate.{key}", member=shown(name), at=output.instant(each.at)))
    if verdict.file is not None and not verdict.file.checks:
        lines.append(output.text("certificate.unchecked"))
    return lines


def _get(erasure: str, client: Path | None, output: Output) -> int:
    begun = None
    if client is not None:
        begun = parse_begun(read_file(client, output))
        if begun is None or begun.erasure not in {"", erasure}:
            raise UsageError(output.text("certificate.not_begun", path=client))
    path, lines = save(load(output), erasure, (begun, client), output)
    output.result({"erasure": erasure, "certificate": str(path)}, "\n".join(lines))
    return 0


def save(
    signed_in: SignedIn,
    erasure: str,
    copy: tuple[Begun | None, Path | None],
    output: Output,
    asked: Erasure | None = None,
) -> tuple[Path, list[str]]:
    """Fetch, verify and store the practice's copy, complete the client's; returns its path and the message."""
    begun, client = copy
    file, verdict = certificate(signed_in, erasure, asked=asked)
    lines = []
    try:
        file, verdict = with_check(signed_in, file, verdict)
    except (AnswerError, ForkError, RollbackError):
        raise
    except VaultError as error:
        # What cannot be checked now can be later; the certificate was verified, and must not be lost over it.
        lines.append(output.text("certificate.not_checked", reason=shown(str(error)), erasure=erasure))
    path = practice_copy(signed_in, file, verdict)
    lines = [output.text("erase.certified", path=path, page=page_of(path)), *lines]
    if begun is not None and client is not None:
        missing = client_copy(signed_in, client, begun, file, verdict)
        lines.append(output.text("erase.client_copy_done", path=client))
        if missing:
            lines.append(output.text("erase.not_covered", documents=", ".join(map(shown, missing))))
    return path, lines
