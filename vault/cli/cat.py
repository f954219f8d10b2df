"""`dossier cat`: write a verified document to standard output or into a file, for members."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from vault.cli.terminal.arguments import Parser
from vault.cli.terminal.output import Output
from vault.cli.terminal.progress import Bar
from vault.cli.terminal.signed_in import load
from vault.sdk.documents.bodies import disk
from vault.sdk.documents.choosing import find_chosen
from vault.sdk.documents.digests import customary_sha256
from vault.sdk.documents.reading import save_document, write_document
from vault.sdk.errors import UsageError


def add_arguments(parser: Parser) -> None:
    """DOSSIER DOCUMENT [--out FILE]."""
    parser.add_argument("dossier", metavar="DOSSIER", help=parser.say("common.dossier"))
    parser.add_argument("document", metavar="DOCUMENT", help=parser.say("documents.document"))
    parser.add_argument("--out", metavar="FILE", help=parser.say("cat.out"))


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Read one document."""
    if output.json and arguments.out is None:
        raise UsageError(output.text("cat.json_needs_out"), advice="dossier cat DOSSIER DOCUMENT --out FILE --json")
    dossier, choice = find_chosen(load(output), arguments.dossier, [arguments.document])
    [listed] = choice.documents
    if arguments.out is None:
        if sys.stdout.isatty() and not listed.metadata.type.startswith(("text/", "message/")):
            raise UsageError(output.text("cat.no_text"), advice="dossier cat DOSSIER DOCUMENT --out FILE")
        with Bar(output) as bar:
            write_document(dossier, listed, sys.stdout.fileno(), progress=bar)
        return 0
    out = Path(arguments.out)
    with Bar(output) as bar:
        size = save_document(dossier, listed, out, progress=bar)
    value: dict[str, object] = {"document": listed.id, "name": listed.metadata.name, "size": size}
    if output.json:
        with disk(out):
            value["sha256"] = customary_sha256(out)
    output.result(value, output.text("cat.saved", file=arguments.out, size=output.size(size)))
    return 0
