"""Everything here and below may have a director on a device, at a real gateway over the twins."""

from tests.client.fixtures import *  # noqa: F403 - a fixture is known by being here
