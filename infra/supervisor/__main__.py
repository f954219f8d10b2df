"""The supervisor without the command line around it."""

import os
import sys

from infra.supervisor import serve
from vault.errors import VaultError
from vault.settings import Settings


def _tell(key: str, /, **values: object) -> None:
    print(key, *(f"{name}={value}" for name, value in values.items()), flush=True)


try:
    sys.exit(serve(Settings.from_environment(os.environ), os.environ, _tell))
except VaultError as error:
    print(f"{error}\n{error.advice}", file=sys.stderr)
    sys.exit(1)
