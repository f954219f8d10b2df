"""`python -m vault` is the `dossier` command."""

import sys

from vault.cli.main import run

if __name__ == "__main__":
    sys.exit(run())
