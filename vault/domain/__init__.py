"""Rows, states and their transitions, without I/O."""
