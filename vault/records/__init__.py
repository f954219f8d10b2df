"""Signed records, read and written in the same way by both sides.

The client and the server import this package: the client decides, the server refuses early. Of our modules it imports
only the floor, of libraries only PyNaCl. The bytes are specified in `docs/FORMAT.md`, section "Signed records".
"""
