"""Python imports this at its start if `tests/measured.py` put the folder on its path: the process is measured too."""

from __future__ import annotations

import atexit
import importlib
import os
from pathlib import Path

from tests.marking import loading

loading.install()
atexit.register(loading.write)
if str(Path(loading.__file__).parents[1] / "blind_processes") in os.environ["PYTHONPATH"].split(os.pathsep):
    importlib.import_module("tests.blind_processes.sitecustomize")
