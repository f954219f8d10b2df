"""`dossier export`: a dossier as ordinary age files with their key, readable without this program."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from vault.cli.terminal.arguments import Parser
from vault.cli.terminal.contents import doubtful
from vault.cli.terminal.failures import DONE, SOME_FAILED
from vault.cli.terminal.output import Output
from vault.cli.terminal.progress import Bar
from vault.cli.terminal.shown import shown
from vault.cli.terminal.signed_in import load
from vault.sdk.documents.choosing import QuarantinedError
from vault.sdk.documents.export import export, save_evidence
from vault.sdk.documents.listing import Quarantined, list_documents
from vault.sdk.dossiers.finding import find


def add_arguments(parser: Parser) -> None:
    """DOSSIER DIR [--classic]."""
    parser.add_argument("dossier", metavar="DOSSIER", help=parser.say("common.dossier"))
    parser.add_argument("out", metavar="DIR", help=parser.say("export.out"))
    parser.add_argument("--classic", action="store_true", help=parser.say("export.classic"))


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Export every stored document; 3 when some were left out because they do not verify, 7 when all were."""
    dossier = find(load(output), arguments.dossier, contents=True)
    quarantine: list[Quarantined] = []
    documents = list_documents(dossier, quarantine=quarantine)
    with Bar(output) as bar:
        made = export(dossier, documents, Path(arguments.out), classic=arguments.classic, progress=bar)
    left_out = [*quarantine, *made.left_out]
    if left_out and not made.files:
        raise QuarantinedError(left_out)
    audit = save_evidence(dossier, Path(arguments.out))
    for one in left_out:
        output.say("export.quarantined", document=doubtful(one), reason=shown(one.reason))
    files = [{"document": file.document, "name": file.name, "size": file.size} for file in made.files]
    text = output.text("export.done", count=len(files), out=shown(arguments.out), identity=shown(made.identity))
    text += "\n" + output.text("export.audit", audit=shown(audit))
    value: dict[str, Any] = {"files": files, "identity": made.identity, "audit": audit}
    if left_out:
        value["left_out"] = [one.to_json() for one in left_out]
    output.result(value, text)
    return SOME_FAILED if left_out else DONE
