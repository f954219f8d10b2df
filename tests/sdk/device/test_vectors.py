"""What a device keeps on its disk is what the published vectors say."""

from __future__ import annotations

import json

from tests.sdk.device import disk_vectors

FOUND = json.loads(disk_vectors.FILE.read_bytes())


def test_the_published_vectors_are_what_is_made_today() -> None:
    assert disk_vectors.vectors() == FOUND
