"""`dossier get`: pick up a share, without an account; all or nothing."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from vault.cli.terminal import failures
from vault.cli.terminal.arguments import Parser
from vault.cli.terminal.output import Output
from vault.cli.terminal.progress import Bar
from vault.cli.terminal.shown import shown
from vault.errors import InvalidInputError
from vault.sdk.documents.bodies import disk
from vault.sdk.documents.digests import customary_sha256
from vault.sdk.keys.words import all_listed, fingerprint
from vault.sdk.mailed_links import MAX_TEXT
from vault.sdk.shares.links import Link, LinkIncompleteError, LinkUnavailableError, PassphraseWrongError, parse_link
from vault.sdk.shares.offer import Offer
from vault.sdk.shares.pickup import PickedUp, pick_up
from vault.sdk.shares.pickup_folder import Placed

TRIES = 3
_MAX_LINE = 4096


def add_arguments(parser: Parser) -> None:
    """LINK|- [--out DIR] [--passphrase-file F]."""
    parser.add_argument("link", metavar="LINK", help=parser.say("get.link"))
    parser.add_argument("--out", metavar="DIR", default=".", help=parser.say("get.out"))
    parser.add_argument("--passphrase-file", metavar="F", help=parser.say("get.passphrase_file"))


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Pick up; 3 when a document was destroyed after the link was made."""
    link = _pasted() if arguments.link == "-" else parse_link(arguments.link)
    typed = None if arguments.passphrase_file is None else _read(arguments.passphrase_file, output)
    if link.secret is None and typed is None:  # no link gives seven words yet: one without its end was cut off
        if not output.interactive:
            raise LinkIncompleteError
        output.say("get.no_end")
    try:
        picked = _pick_up(link, Path(arguments.out), typed, output)
    except KeyboardInterrupt:
        output.say("get.go_on")
        raise
    out = Path(arguments.out)
    files = [_json(file, out) for file in picked.files] if output.json else []
    if picked.missing:
        output.say("get.missing", count=picked.missing)
    output.result({"files": files}, _text(picked, arguments.out, output))
    return 3 if picked.missing else 0


def _pasted() -> Link:
    """The link from standard input; mail puts blank lines before it, and breaks it in two."""
    text = ""
    while line := sys.stdin.readline(_MAX_LINE):
        text += line
        try:
            return parse_link(text)
        except LinkUnavailableError:
            if text.strip() and (sys.stdin.isatty() or len(text) > MAX_TEXT):
                raise
    return parse_link(text)


def _pick_up(link: Link, out: Path, typed: str | None, output: Output) -> PickedUp:
    def ask(mode: str) -> str:
        return _ask(mode, output) if typed is None else typed

    for attempt in range(TRIES):
        try:
            with Bar(output) as bar:
                return pick_up(link, out, ask=ask, progress=bar, show=lambda offer: _show(offer, output))
        except PassphraseWrongError as error:
            if typed is not None or attempt == TRIES - 1:
                raise
            output.say("get.again", advice=failures.describe(error, output)[2])
    raise AssertionError("the loop ends in a return or a raise")


def _ask(mode: str, output: Output) -> str:
    """Ask for the words; an unlisted word is reported before it costs an attempt."""
    while not all_listed(words := output.secret(f"get.ask.{mode}")):
        output.say("get.typo")
    return words


def _show(offer: Offer, output: Output) -> None:
    cover = offer.cover
    output.say(
        "get.offer",
        sender=shown(cover.sender),
        practice=shown(cover.name),
        count=len(offer.entries),
        size=output.size(sum(entry.size for entry in offer.entries.values())),
        until=output.instant(cover.expires_at),
    )
    output.say("get.fingerprint", words=fingerprint(cover.root))
    if cover.note:
        output.say("get.note", sender=shown(cover.sender), note=shown(cover.note))


def _read(path: str, output: Output) -> str:
    try:
        with Path(path).open(encoding="utf-8") as file:
            return file.read(_MAX_LINE).strip()
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInputError(output.text("get.passphrase_unreadable", path=path)) from error


def _json(file: Placed, out: Path) -> dict[str, object]:
    with disk(out / file.name):
        return {"name": file.name, "size": file.size, "sha256": customary_sha256(out / file.name)}


def _text(picked: PickedUp, out: str, output: Output) -> str:
    lines = [output.text("get.file", name=shown(file.name), size=output.size(file.size)) for file in picked.files]
    return "\n".join([*lines, output.text("get.done", count=len(picked.files), out=shown(out))])
