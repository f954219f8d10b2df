"""What the server does, one use case a file: plain functions over the ports, no framework, no status codes.

Refusals come back as values (`vault.flows.answers`), faults are raised. `now` is passed in.
"""
