"""The user's side: keys, session, dossiers. The server receives only what this package encrypted.

It imports `vault.age`, `vault.records` and nothing of the server. The rooms build on each other: `device` and `server`
at the bottom, then `keys`, `people`, `audit`, `dossiers`, `documents`, `shares`, `erasures`.
"""
