"""Signed records: what both sides must agree on, and who may say it.

Both the client's software and the server import this package and run the same rules: the client decides, the server
refuses early. It imports nothing of ours but `vault.errors`, and no library but PyNaCl.
The bytes are specified in `docs/FORMAT.md`, section "Signed records".
"""
