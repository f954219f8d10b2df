"""The failures of the `age` commands: an exit code, and one line on standard error."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from vault.age.errors import AgeError
from vault.cli.age_options import UsageError
from vault.cli.age_secrets import NoPassphraseError
from vault.errors import VaultError

if TYPE_CHECKING:
    from collections.abc import Callable


def guarded(command: str, run: Callable[[], None]) -> int:
    """Run a command; turn a failure into one line on standard error and an exit code."""
    message, code = "", 1
    try:
        run()
    except UsageError as error:
        message, code = f"{error} (--help shows the usage)", 2
    except (AgeError, NoPassphraseError, VaultError) as error:
        message = str(error)
    except BrokenPipeError:
        message = "whoever read the output went away"
    except OSError as error:
        message = f"{error.filename}: {error.strerror}" if error.filename else str(error.strerror or error)
    except MemoryError:
        message = "there is not enough memory for this passphrase's work factor"
    except KeyboardInterrupt:
        message, code = "interrupted", 130
    else:
        return 0
    print(f"{command}: {message}", file=sys.stderr)
    return code
