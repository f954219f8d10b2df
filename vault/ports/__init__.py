"""What the flows need of the world. Every port has two adapters at least and one contract suite (`tests/contract`).

Faults are exceptions: `UnavailableError` when the engine behind the port cannot be reached (nothing was done, or the
outcome is unknown), and the classes of `errors`. Absence and lost races are values.
"""
