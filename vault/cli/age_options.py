"""The command line of `dossier age`: the flags of the `age` command, and their conflicts."""

from __future__ import annotations

import getopt
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

USAGE = """\
Usage:
    dossier age [--encrypt] (-r RECIPIENT | -R PATH | -i PATH)... [--armor] [-o OUTPUT] [INPUT]
    dossier age [--encrypt] --passphrase [--armor] [-o OUTPUT] [INPUT]
    dossier age --decrypt [-i PATH]... [-o OUTPUT] [INPUT]

Options:
    -e, --encrypt               Encrypt the input to the output. The default.
    -d, --decrypt               Decrypt the input to the output.
    -o, --output OUTPUT         Write to the file OUTPUT; it appears only when all went well.
    -a, --armor                 Encrypt to text.
    -p, --passphrase            Encrypt with a passphrase.
    -r, --recipient RECIPIENT   Encrypt to RECIPIENT (age1pq1... or age1...). Can be repeated.
    -R, --recipients-file PATH  Encrypt to the recipients listed in PATH. Can be repeated.
    -i, --identity PATH         Use the identities in PATH; with --encrypt, encrypt to them. Can be repeated.

INPUT is standard input, and OUTPUT standard output, unless named. "-" is standard input as PATH.
The passphrase is asked on the terminal, or read from the file that DOSSIER_PASSWORD_FILE names.
"""

_SHORT = "edapr:R:i:o:h"
_LONG = ["encrypt", "decrypt", "armor", "passphrase", "recipient=", "recipients-file=", "identity=", "output=", "help"]
_MEANING = dict(zip("edaprRioh", (name.rstrip("=") for name in _LONG), strict=True))


class UsageError(Exception):
    """The command line is impossible."""


class Options(NamedTuple):
    """The command line, read."""

    flags: frozenset[str]
    recipients: list[str]
    recipient_files: list[str]
    identity_files: list[str]
    output: str | None
    input: str | None


def read_options(argv: Sequence[str]) -> Options:
    """Return the command line as options; raise UsageError when they contradict each other."""
    try:
        given, names = getopt.gnu_getopt(list(argv), _SHORT, _LONG)
    except getopt.GetoptError as error:
        raise UsageError(error.msg) from None
    values: dict[str, list[str]] = {}
    for flag, value in given:
        name = _MEANING[flag[1:]] if len(flag) == 2 else flag[2:]  # noqa: PLR2004 - a dash and a letter
        values.setdefault(name, []).append(value)
    if len(names) > 1:
        raise UsageError("more than one INPUT was given")
    options = Options(
        flags=frozenset(values) & {"encrypt", "decrypt", "armor", "passphrase", "help"},
        recipients=values.get("recipient", []),
        recipient_files=values.get("recipients-file", []),
        identity_files=values.get("identity", []),
        output=values["output"][-1] if "output" in values else None,
        input=names[0] if names else None,
    )
    _check(options)
    return options


def _check(options: Options) -> None:
    flags = options.flags
    keys = options.recipients or options.recipient_files
    standard_inputs = [*options.recipient_files, *options.identity_files, options.input or "-"].count("-")
    contradictions = {
        "-e and -d exclude each other": {"encrypt", "decrypt"} <= flags,
        "-a is for encryption; armored files are recognised by themselves": {"armor", "decrypt"} <= flags,
        "-r and -R are for encryption; with -d, -i names the identity": "decrypt" in flags and keys,
        "-p cannot be combined with -r, -R or -i": "passphrase" in flags and (keys or options.identity_files),
        "-i needs -d, or an explicit -e": options.identity_files and not flags & {"decrypt", "encrypt"},
        "standard input can be used for one thing only": standard_inputs > 1,
        "nobody to encrypt to: give -r, -R, -i or -p": not (
            flags & {"decrypt", "passphrase"} or keys or options.identity_files
        ),
    }
    for message, holds in contradictions.items():
        if holds and "help" not in flags:
            raise UsageError(message)
