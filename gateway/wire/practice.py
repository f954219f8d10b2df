"""What pages show of the practice."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from gateway.wire.fields import Body


class Practice(Body):
    """Name (empty before it is set up), colour and logo; `trial` where the server's clock was moved."""

    name: str
    colour: Annotated[str | None, Field(pattern=r"^#[0-9a-f]{6}$")]
    logo: Annotated[str | None, Field(pattern=r"^logo\.[0-9a-f]{16}$", description="its path, beside this answer")]
    trial: bool
