"""Python imports this at its start where `tests/blindness.py` has put the folder on its path: the process is blind too.

But for the `dossier` command, which is the client's: what `dossier serve` starts is the server, and that is blind.
"""

from __future__ import annotations

import sys

from tests import blindness

if "-m vault " not in f"{' '.join(sys.orig_argv)} ":
    blindness.install()
