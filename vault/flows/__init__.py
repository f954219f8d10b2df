"""The server's use cases: plain functions over the ports, no framework, no status codes.

Refusals are returned as values (`vault.flows.answers`), faults are raised. `now` is an argument.
"""
