"""Rules and states without I/O: what the vault keeps and what may happen to it."""
