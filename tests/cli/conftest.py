"""Everything here and below may have a director on a device, at a gateway in memory."""

from tests.sdk.places import founder, gateway, own_environment, place, quick_argon, signed_in
from tests.sdk.vault_house import house, switch

__all__ = ["founder", "gateway", "house", "own_environment", "place", "quick_argon", "signed_in", "switch"]
