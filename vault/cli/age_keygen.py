"""`dossier age-keygen`: make an identity, or show the recipients of one, with the flags of `age-keygen`."""

# No pathlib: importing it costs every command some milliseconds.
from __future__ import annotations

import errno
import getopt
import os
import sys
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from vault.age import HybridIdentity, X25519Identity
from vault.age.bulk import write_all
from vault.cli.age_failures import guarded
from vault.cli.age_options import UsageError
from vault.cli.age_output import STDOUT
from vault.cli.age_secrets import read_identities

if TYPE_CHECKING:
    from collections.abc import Sequence

USAGE = """\
Usage:
    dossier age-keygen [-pq] [-o OUTPUT]
    dossier age-keygen -y [-o OUTPUT] [INPUT]

Options:
    -pq                       Make a hybrid ML-KEM-768 and X25519 identity, safe against quantum computers.
    -o, --output OUTPUT       Write to the file OUTPUT, which must not exist yet.
    -y                        Show the recipients of an identity file.

Without -pq an X25519 identity is made, which every version of age reads.
"""


class Options(NamedTuple):
    """The command line, read."""

    flags: frozenset[str]
    output: str | None
    input: str


def read_options(argv: Sequence[str]) -> Options:
    """Return the command line as options; raise UsageError for an invalid one."""
    # age writes its one long flag with one dash.
    argv = ["--pq" if word == "-pq" else word for word in argv]
    try:
        given, names = getopt.gnu_getopt(argv, "yo:h", ["pq", "output=", "help"])
    except getopt.GetoptError as error:
        raise UsageError(error.msg) from None
    flags = frozenset(flag.lstrip("-")[0] for flag, _ in given)
    output = next((value for flag, value in reversed(given) if flag in {"-o", "--output"}), None)
    if {"y", "p"} <= flags:
        raise UsageError("-y and -pq exclude each other")
    if len(names) > ("y" in flags):
        raise UsageError("INPUT goes with -y, and there is one")
    return Options(flags, None if output == "-" else output, names[0] if names else "-")


def main(argv: list[str]) -> int:
    """Run the command; return 0, 1 (failed), 2 (usage) or 130."""
    return guarded("age-keygen", lambda: _run(read_options(argv)))


def _run(options: Options) -> None:
    if "h" in options.flags:
        print(USAGE, end="")
    elif "y" in options.flags:
        recipients = [identity.recipient().to_string() for identity in read_identities(options.input)]
        _write("\n".join([*recipients, ""]), options.output, mode=0o666)
    else:
        _generate(options)


def _generate(options: Options) -> None:
    identity = HybridIdentity.generate() if "p" in options.flags else X25519Identity.generate()
    recipient = identity.recipient().to_string()
    created = datetime.now().astimezone().isoformat(timespec="seconds")
    text = f"# created: {created}\n# public key: {recipient}\n{identity.to_string()}\n"
    _write(text, options.output, mode=0o600)
    if options.output is not None or not os.isatty(STDOUT):
        print(f"Public key: {recipient}", file=sys.stderr)


def _write(text: str, path: str | None, *, mode: int) -> None:
    """Write a new file, with fsync since it is the key's only copy; or write to standard output."""
    if path is None:
        write_all(STDOUT, text.encode())
        return
    from pathlib import Path  # noqa: PLC0415 - as above

    from vault.files import create_private  # noqa: PLC0415 - as above

    if not create_private(Path(path), text.encode(), mode=mode):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), path)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
