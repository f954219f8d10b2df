"""The start of a process: without the garbage collector, because what a start makes stays until the process ends.

Python's collector would look through all of it a dozen times while the modules are imported, and once more at the end:
a third of the work of a gateway that starts and stops.
"""

from __future__ import annotations

import gc


def begin() -> None:
    """Collect nothing from now on: the imports follow."""
    gc.disable()


def done() -> None:
    """What there is now stays; only what comes after it is collected. Nothing happens where nobody began."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()
