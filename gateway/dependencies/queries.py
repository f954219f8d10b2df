"""Query parameters: the start and the length of a page."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

After = Annotated[
    str, Query(pattern="^[0-9a-f]{0,64}$", description="Continue after this one: `next` of the page before.")
]
Version = Annotated[int, Query(ge=0, le=2**53 - 1, description="Only versions above this one.")]
Epoch = Annotated[int, Query(ge=1, le=2**53 - 1, description="Of which identity of the dossier head and metadata are.")]
Limit = Annotated[int, Query(ge=1, le=500, description="At most so many items.")]
