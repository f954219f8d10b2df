"""`dossier restore`: a set of a backup in the place of what stands, by a director's device or the sheet."""

from __future__ import annotations

import logging
import os
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from vault.cli.terminal import credentials, details
from vault.cli.terminal.arguments import Parser
from vault.cli.terminal.failures import DONE, FAILED
from vault.cli.terminal.output import Output
from vault.cli.terminal.shown import shown
from vault.sdk.device.home import Home
from vault.sdk.people.session_file import load_session

if TYPE_CHECKING:
    from infra.backup.restoring import Restored

STORES = ("records", "keystore", "keys", "objects")


def add_arguments(parser: Parser) -> None:
    """DIR [--set NAME] [--objects | --only STORE] [--sheet FILE]."""
    parser.add_argument("folder", metavar="DIR", help=parser.say("restore.folder"))
    parser.add_argument("--set", metavar="NAME", help=parser.say("restore.set"))
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--objects", action="store_true", help=parser.say("restore.objects"))
    what.add_argument("--only", choices=STORES, metavar="STORE", help=parser.say("restore.only"))
    parser.add_argument("--sheet", metavar="FILE", help=parser.say("restore.sheet"))


def run(arguments: Namespace, output: Output) -> int:
    """Put it back; 0 when it stands, 1 when the person would not."""
    # Imported here: `completion` imports every verb at the start of every shell.
    from infra.backup.folder import chosen  # noqa: PLC0415
    from infra.backup.opening import Opened  # noqa: PLC0415
    from infra.backup.places import Places  # noqa: PLC0415
    from infra.backup.restoring import WHOLE, restore, stands  # noqa: PLC0415
    from infra.backup.stores import Store  # noqa: PLC0415

    os.umask(0o077)
    logging.getLogger("worker").addHandler(logging.NullHandler())  # what it says of the stores is said here
    if arguments.sheet is None:
        identity = load_session(Home.from_environment()).keyring.age_identity
    else:
        identity = credentials.sheet(arguments.sheet, output).identity
    found, places = chosen(Path(arguments.folder), arguments.set), Places.of(os.environ)
    stores = WHOLE | {Store.OBJECTS} if arguments.objects else WHOLE
    if arguments.only is not None:
        stores = frozenset({Store(arguments.only)})
    at = output.instant(found.manifest.at)
    if stands(places):
        question = output.text("restore.confirm", data=shown(str(places.data)), at=at)
        if not output.confirm(question):
            output.say("restore.declined")
            return FAILED
    made = restore(places, Opened(found, identity), places.owner.clock.now(), stores=stores)
    value = {
        "set": found.path.name,
        "stores": sorted(stores),
        "before": None if made.before is None else str(made.before),
        "findings": [{"store": str(each.store), "fault": str(each.fault)} for each in made.findings],
    }
    output.result(value, "\n".join(_said(made, found.path.name, at, output)))
    return DONE


def _said(made: Restored, name: str, at: str, output: Output) -> list[str]:
    from vault.flows.positions.saying import told  # noqa: PLC0415

    lines = [output.text("restore.done", name=name, at=at)]
    if made.before is not None:
        lines.append(output.text("restore.before", path=shown(str(made.before))))
    if not made.compared:
        lines.append(output.text("restore.not_compared"))
    found = [details.told(told((each,)), output.language) for each in made.findings]
    return [*lines, *found, output.text("restore.next")]
