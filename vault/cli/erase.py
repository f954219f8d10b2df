"""`dossier erase`: request the erasure of a dossier or of its documents, or withdraw a request of staff."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import Any

from vault.cli.certificate import erasure_number, save
from vault.cli.terminal.arguments import Parser
from vault.cli.terminal.contents import doubtful
from vault.cli.terminal.output import Output
from vault.cli.terminal.shown import shown
from vault.cli.terminal.signed_in import load
from vault.errors import IntegrityError, VaultError
from vault.records.encoding import RecordError
from vault.sdk.documents.choosing import erasable
from vault.sdk.documents.listing import Listed, Quarantined
from vault.sdk.dossiers.finding import find, find_id
from vault.sdk.dossiers.open_dossier import OpenDossier
from vault.sdk.erasures import requesting
from vault.sdk.erasures.certificate_copies import Begun, begin_client_copy
from vault.sdk.erasures.following import CERTIFIED, PATIENCE, Erasure, wait
from vault.sdk.erasures.withdrawing import undo
from vault.sdk.errors import ApiError, ForkError, RollbackError, UsageError
from vault.sdk.people.session import SignedIn
from vault.sdk.server.damage import DamagedHeadError


def add_arguments(parser: Parser) -> None:
    """DOSSIER [DOCUMENT…] --basis client|staff [--wait] [--client-copy FILE], or --undo ERASURE."""
    parser.add_argument("dossier", metavar="DOSSIER", nargs="?", help=parser.say("erase.dossier"))
    parser.add_argument("documents", metavar="DOCUMENT", nargs="*", help=parser.say("erase.documents"))
    parser.add_argument("--basis", choices=("client", "staff"), help=parser.say("erase.basis"))
    parser.add_argument("--wait", action="store_true", help=parser.say("erase.wait"))
    parser.add_argument("--client-copy", metavar="FILE", type=Path, help=parser.say("erase.client_copy"))
    parser.add_argument("--undo", metavar="ERASURE", help=parser.say("erase.undo"))


def run(arguments: Namespace, output: Output) -> int:
    """Request the erasure, idempotently; 0 when it is requested, with `--wait` when it is certified."""
    asked = arguments.dossier is not None and arguments.basis is not None
    if asked == (arguments.undo is not None) or (arguments.undo is not None and arguments.dossier is not None):
        raise UsageError(output.text("erase.usage"), advice="dossier erase --help")
    signed_in = load(output)
    if arguments.undo is not None:
        return _undo(signed_in, arguments.undo, output)
    try:
        dossier = find(signed_in, arguments.dossier, contents=True)
    except (IntegrityError, RecordError) as error:
        if arguments.documents or arguments.client_copy or isinstance(error, RollbackError | ForkError):
            raise
        return _erase_unopened(signed_in, error, arguments, output)
    return _erase(dossier, arguments, output)


def _undo(signed_in: SignedIn, reference: str, output: Output) -> int:
    erasure = undo(signed_in, erasure_number(reference, output))
    value = {"erasure": erasure.id, "state": erasure.state, "certificate": None}
    output.result(value, output.text("erase.withdrawn", erasure=erasure.id))
    return 0


def _erase_unopened(signed_in: SignedIn, error: VaultError, arguments: Namespace, output: Output) -> int:
    """A dossier whose key, wrap or profile is damaged has no name any more, and goes by its id alone.

    A name that the server gave it in a list says nothing: by that another dossier would be destroyed.
    """
    dossier = requesting.Unopened(signed_in, find_id(signed_in, arguments.dossier))
    if isinstance(error, DamagedHeadError) or not dossier.id.startswith(arguments.dossier.strip().lower()):
        raise error
    output.say("erase.unopened", dossier=dossier.id, reason=shown(str(error)))
    question = output.text("erase.ask.unopened", dossier=dossier.id)
    if not output.yes and output.interactive and not output.confirm(question):
        output.say("erase.nothing")
        return 1
    try:
        erasure = requesting.request(dossier, [], arguments.basis)
    except ApiError as refused:
        if refused.code != "integrity":
            raise
        raise DamagedHeadError(dossier.id, dossier.id[:8]) from refused  # nothing else is read for a request
    if arguments.wait:
        erasure = _wait(signed_in, erasure, output)
    return _tell(signed_in, erasure, (None, Path()), output)


def _erase(dossier: OpenDossier, arguments: Namespace, output: Output) -> int:
    chosen, count = erasable(dossier, arguments.documents)
    if not _agreed(dossier, count, chosen, output):
        output.say("erase.nothing")
        return 1
    begun = None if arguments.client_copy is None else begin_client_copy(dossier, arguments.client_copy, chosen)
    erasure = requesting.request(dossier, chosen, arguments.basis)
    if begun is not None:
        begun.named(erasure.id).write(arguments.client_copy)
    if arguments.wait:
        erasure = _wait(dossier.signed_in, erasure, output)
    return _tell(dossier.signed_in, erasure, (begun, arguments.client_copy), output)


def _agreed(dossier: OpenDossier, count: int, chosen: list[Listed | Quarantined], output: Output) -> bool:
    """Ask for confirmation once, naming everything to be erased; without a terminal do not ask."""
    if output.yes or not output.interactive:
        return True
    if chosen:
        names = ", ".join(doubtful(one) if isinstance(one, Quarantined) else shown(one.metadata.path) for one in chosen)
        return output.confirm(output.text("erase.ask.documents", name=shown(dossier.name), documents=names))
    return output.confirm(output.text("erase.ask.whole", name=shown(dossier.name), count=count))


def _wait(signed_in: SignedIn, erasure: Erasure, output: Output) -> Erasure:
    try:
        return wait(signed_in, erasure, lambda now: output.say(f"erase.step.{now.state}"))
    except KeyboardInterrupt:
        output.say("erase.go_on", erasure=erasure.id)
        raise


def _tell(signed_in: SignedIn, erasure: Erasure, copy: tuple[Begun | None, Path], output: Output) -> int:
    begun, client = copy
    value: dict[str, Any] = {**erasure.to_json(), "certificate": None}
    if erasure.state == CERTIFIED:
        path, lines = save(signed_in, erasure.id, copy, output, erasure)
        value["certificate"] = str(path)
        if begun is not None:
            value["client_copy"] = str(client)
        output.result(value, "\n".join(lines))
        return 0
    late = erasure.not_before - signed_in.now() > PATIENCE
    key = "delayed" if late else "requested"
    output.result(value, output.text(f"erase.{key}", erasure=erasure.id, at=output.instant(erasure.not_before)))
    if begun is not None:
        output.say("erase.client_copy_begun", erasure=erasure.id, path=client)
    return 0
