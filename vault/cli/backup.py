"""`dossier backup`: a set of everything that an installation is, sealed to its directors, made while it runs."""

from __future__ import annotations

import os
from argparse import Namespace
from pathlib import Path

from vault.cli.terminal.arguments import Parser
from vault.cli.terminal.failures import DONE, FAILED
from vault.cli.terminal.output import Output
from vault.cli.terminal.shown import shown
from vault.sdk.device import clock


def add_arguments(parser: Parser) -> None:
    """DIR [--objects] [--check [--set NAME]]."""
    parser.add_argument("folder", metavar="DIR", help=parser.say("backup.folder"))
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--objects", action="store_true", help=parser.say("backup.objects"))
    what.add_argument("--check", action="store_true", help=parser.say("backup.check"))
    parser.add_argument("--set", metavar="NAME", help=parser.say("backup.set"))


def run(arguments: Namespace, output: Output) -> int:
    """Make a set, or read one again; 0 when it is whole."""
    os.umask(0o077)
    if arguments.check:
        return _check(arguments, output)
    if arguments.set is not None:
        from vault.sdk.errors import UsageError  # noqa: PLC0415

        raise UsageError(output.text("backup.usage"))
    # Imported here: `completion` imports every verb at the start of every shell.
    from infra.backup.making import back_up  # noqa: PLC0415
    from infra.backup.places import Places  # noqa: PLC0415

    places = Places.of(os.environ)
    made = back_up(places, Path(arguments.folder), places.owner.clock.now(), copies=arguments.objects)
    objects = made.set.manifest.objects
    value = {
        "set": made.set.path.name,
        "path": str(made.set.path),
        "objects": {"count": objects.count, "copied": made.copied, "held": objects.copied},
        "removed": list(made.removed),
    }
    said = [output.text("backup.done", path=shown(str(made.set.path)))]
    said.append(output.text("backup.held" if objects.copied else "backup.listed", count=objects.count))
    if made.removed:
        said.append(output.text("backup.removed", count=len(made.removed)))
    if made.clock_doubted:
        said.append(output.text("backup.clock"))
    output.result(value, "\n".join(said))
    return DONE


def _check(arguments: Namespace, output: Output) -> int:
    """Read a set again; 1 for one that may not be kept any longer, though it is whole."""
    from infra.backup.checking import check_set  # noqa: PLC0415
    from infra.backup.folder import chosen  # noqa: PLC0415
    from vault.domain.erasures import HORIZON  # noqa: PLC0415

    found = chosen(Path(arguments.folder), arguments.set)
    compared, manifest = check_set(found), found.manifest
    at, too_old = output.instant(manifest.at), clock.now() - manifest.at > HORIZON
    value = {
        "set": found.path.name,
        "objects": {"count": manifest.objects.count, "compared": compared},
        "too_old": too_old,
    }
    said = [output.text("backup.checked", name=found.path.name, at=at, count=compared)]
    if too_old:
        said.append(output.text("backup.too_old"))
    output.result(value, "\n".join(said))
    return FAILED if too_old else DONE
