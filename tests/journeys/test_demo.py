"""`make demo` plays the main job from set-up to certificate, and every file comes out as it went in."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest


@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_demo_goes_as_it_says(language):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DOSSIER_")}
    environment |= {"DOSSIER_LANG": language}
    done = subprocess.run(
        [sys.executable, "-m", "infra.dev.demo"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert "Traceback" not in done.stdout
    assert re.search(r"\n    http://127\.0\.0\.1:\d+/s/[0-9a-f]{32}#[\w-]{43}\n", done.stdout[-300:])
