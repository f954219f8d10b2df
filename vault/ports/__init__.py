"""What the flows need of the world. Every port has two adapters at least and one contract suite (`tests/contract`).

Faults are exceptions: `UnavailableError` when the thing behind the port cannot be reached just now (nothing was
done, or it cannot be known), and the classes below. Absence and lost races are values.
"""
