"""`dossier share`: a link to documents, its QR code, and the passphrase apart."""

from __future__ import annotations

import argparse
from typing import Any

from vault.cli.terminal.arguments import Parser
from vault.cli.terminal.contents import doubtful
from vault.cli.terminal.failures import DONE, SOME_FAILED
from vault.cli.terminal.output import Output
from vault.cli.terminal.qr import lines as drawn
from vault.cli.terminal.shown import shown
from vault.cli.terminal.signed_in import load
from vault.records.encoding import format_instant
from vault.sdk.documents.choosing import find_chosen
from vault.sdk.documents.listing import Quarantined
from vault.sdk.errors import UsageError
from vault.sdk.one_line import check_line
from vault.sdk.shares.capsules import MAX_NOTE
from vault.sdk.shares.sharing import CLIENT, ConsentRequiredError, Made, ShareTerms, links_base, share


def add_arguments(parser: Parser) -> None:
    """DOSSIER [DOCUMENT…] --to client [--days 14] [--max N] [--passphrase] [--note TEXT]."""
    parser.add_argument("dossier", metavar="DOSSIER", help=parser.say("common.dossier"))
    parser.add_argument("documents", metavar="DOCUMENT", nargs="*", help=parser.say("share.documents"))
    parser.add_argument("--to", default="client", help=parser.say("share.to"))
    parser.add_argument("--days", type=int, help=parser.say("share.days"))
    parser.add_argument("--max", type=int, metavar="N", help=parser.say("share.max"))
    parser.add_argument("--passphrase", action="store_true", help=parser.say("share.passphrase"))
    parser.add_argument("--note", metavar="TEXT", help=parser.say("share.note"))


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Share; the link and the passphrase are shown once. 3 when documents were left out that do not verify."""
    for option, value in (("--days", arguments.days), ("--max", arguments.max)):
        if value is not None and value < 1:
            raise UsageError(output.text("share.positive", option=option, value=value), advice=f"{option} 1, 2, 3 …")
    note = "" if arguments.note is None else check_line(arguments.note, "note", MAX_NOTE)
    signed_in = load(output)
    if arguments.to != CLIENT:
        raise ConsentRequiredError
    dossier, choice = find_chosen(signed_in, arguments.dossier, arguments.documents)
    terms = ShareTerms(arguments.to, arguments.days, arguments.max, arguments.passphrase, note)
    everything = not arguments.documents
    made = share(dossier, choice.documents, terms, base=links_base(signed_in), leave_out=everything)
    if signed_in.other_url is not None:
        output.say("share.other_address", said=signed_in.other_url, url=signed_in.policy.public_url)
    left_out = [*choice.left_out, *made.left_out]
    for one in left_out:
        output.say("share.left_out", document=doubtful(one), reason=shown(one.reason))
    _tell(made, left_out, output)
    return SOME_FAILED if left_out else DONE


def _tell(made: Made, left_out: list[Quarantined], output: Output) -> None:
    link = made.link.to_string()
    value: dict[str, Any] = {
        "share": made.share,
        "link": link,
        "passphrase": made.passphrase,
        "expires_at": format_instant(made.expires_at),
        "max": made.max,
    }
    if left_out:
        value["left_out"] = [one.to_json() for one in left_out]
    until = output.instant(made.expires_at)
    lines = [link, "", output.text("share.made", documents=len(made.documents), until=until, count=made.max)]
    lines.append(output.text("share.revoke", share=made.share))
    if made.passphrase is not None:
        lines += ["", output.text("share.apart"), "", f"    {made.passphrase}", ""]
    if output.draws:
        output.drawing(drawn(link))
    output.result(value, "\n".join(lines))
