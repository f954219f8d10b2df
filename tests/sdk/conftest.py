"""Everything here and below may have a director on a device, at a real gateway over the twins."""

from tests.client.fixtures import (
    founded,
    founded_once,
    founder,
    gateway,
    house,
    line,
    no_pauses,
    own_environment,
    quick_argon,
    signed_in,
    switch,
)

__all__ = [
    "founded",
    "founded_once",
    "founder",
    "gateway",
    "house",
    "line",
    "no_pauses",
    "own_environment",
    "quick_argon",
    "signed_in",
    "switch",
]
