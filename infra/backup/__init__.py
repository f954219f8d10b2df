"""Backups of an installation, and putting them back: `dossier backup` and `dossier restore` (decisions 53, 54).

The only rooms that hold both the stores and the age format. No server loads them.
"""
