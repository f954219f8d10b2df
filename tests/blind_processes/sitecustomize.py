"""Python imports this at its start if `tests/blindness.py` put the folder on its path: the process is blind too.

The `dossier` command is the client and is not blind; the processes of `dossier serve` are.
"""

from __future__ import annotations

import sys

from tests import blindness

if "-m vault " not in f"{' '.join(sys.orig_argv)} ":
    blindness.install()
