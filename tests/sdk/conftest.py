"""Everything here and below may have a director on a device, at a gateway in memory."""

from tests.sdk.places import founder, gateway, own_environment, place, quick_argon, signed_in

__all__ = ["founder", "gateway", "own_environment", "place", "quick_argon", "signed_in"]
